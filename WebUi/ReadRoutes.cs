namespace SdAspire.WebUi;

/// <summary>Addresses that are read.</summary>
internal static class ReadRoutes
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps <c>GET</c>, and <c>HEAD</c> for who wants the headers alone; the server then leaves out the body.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder app, string pattern, Delegate handler) =>
        app.MapMethods(pattern, Methods, handler);
}
