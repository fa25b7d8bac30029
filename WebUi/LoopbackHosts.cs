using System.Net;

namespace SdAspire.WebUi;

/// <summary>
/// A page elsewhere can point its own name at 127.0.0.1 and so read what is served there. Whoever comes over the loopback
/// must therefore call the service by a name of this machine, unless <c>AllowedHosts</c> says which names are right.
/// </summary>
internal static class LoopbackHosts
{
    public static void UseLoopbackHostsOnLoopback(this WebApplication app)
    {
        if (!string.IsNullOrEmpty(app.Configuration["AllowedHosts"]))
            return;
        app.Use((context, next) =>
        {
            var overLoopback = context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);
            return !overLoopback || IsOfThisMachine(context.Request.Host.Host)
                ? next(context)
                : TypedResults.Problem(
                    title: "This service is known by another name.",
                    statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
        });
    }

    private static bool IsOfThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
