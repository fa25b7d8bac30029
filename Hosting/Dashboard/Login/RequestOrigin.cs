using System.Net;

namespace SdAspire.Hosting.Dashboard.Login;

/// <summary>
/// Refuses what other pages in the same browser could send: cookies know no ports, so that another page on this machine has ours,
/// and a page elsewhere can point its own name at 127.0.0.1.
/// </summary>
internal static class RequestOrigin
{
    public static void UseOwnOriginOnly(this WebApplication app)
    {
        var anyHost = !string.IsNullOrEmpty(app.Configuration["AllowedHosts"]);
        app.Use((context, next) =>
            (anyHost || IsNameOfThisMachine(context)) && IsOwnOrigin(context.Request)
                ? next(context)
                : TypedResults.Problem(
                    title: "This request comes from another site.",
                    statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context));
    }

    private static bool IsOwnOrigin(HttpRequest request)
    {
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || !(changes || IsWebSocket(request))
            || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsWebSocket(HttpRequest request) =>
        request.HttpContext.WebSockets.IsWebSocketRequest
        || request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    private static bool IsNameOfThisMachine(HttpContext context)
    {
        var overLoopback = context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);
        var host = context.Request.Host.Host;
        return !overLoopback
            || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
