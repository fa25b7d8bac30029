using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SdAspire.Hosting.Dashboard;

/// <summary>An address to listen on: <c>http://HOST:PORT</c>, where a host that is no address stands for all of them.</summary>
internal sealed record ListenAddress(bool IsHttps, string Host, int Port)
{
    public static bool TryParse(string url, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        try
        {
            var parsed = BindingAddress.Parse(url);
            var isHttps = string.Equals(parsed.Scheme, "https", StringComparison.OrdinalIgnoreCase);
            if (!isHttps && !string.Equals(parsed.Scheme, "http", StringComparison.OrdinalIgnoreCase)) return false;
            if (parsed.IsUnixPipe || parsed.IsNamedPipe || parsed.PathBase.Length > 0) return false;
            address = new ListenAddress(isHttps, parsed.Host, parsed.Port);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public void Listen(KestrelServerOptions kestrel, Listener listener)
    {
        if (string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)) kestrel.ListenLocalhost(Port, Configure);
        else if (IPAddress.TryParse(Host, out var address)) kestrel.Listen(address, Port, Configure);
        else kestrel.ListenAnyIP(Port, Configure);

        void Configure(ListenOptions options)
        {
            // Without TLS there is no telling the two versions apart.
            options.Protocols = listener == Listener.OtlpGrpc ? HttpProtocols.Http2
                : IsHttps ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            // A connection knows which listener it came through, whatever port that has.
            options.Use(next => connection =>
            {
                connection.Features.Set(new ListenerFeature(listener));
                return next(connection);
            });
            if (IsHttps) options.UseHttps();
        }
    }
}

/// <summary>What is served at an address, and nothing else there.</summary>
internal enum Listener
{
    FrontEnd,
    OtlpGrpc,
    OtlpHttp,
}

/// <summary>Through which listener a request came; on an endpoint, at which it answers.</summary>
internal sealed record ListenerFeature(Listener Listener);
