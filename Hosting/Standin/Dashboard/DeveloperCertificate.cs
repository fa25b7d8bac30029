using System.Security.Cryptography.X509Certificates;

namespace Aspire.Hosting.Dashboard;

/// <summary>The certificate that <c>dotnet dev-certs https</c> makes, and with which the dashboard answers.</summary>
static class DeveloperCertificate
{
    // The extension that marks it.
    private const string Mark = "1.3.6.1.4.1.311.84.1.1";
    private const string Variable = "SSL_CERT_DIR";

    // Where OpenSSL looks on the common distributions.
    private static readonly string[] SystemFolders = ["/usr/lib/ssl/certs", "/etc/ssl/certs", "/etc/pki/tls/certs"];

    public static bool Exists() => Pem() is not null;

    /// <summary>Writes it down, without its key, for programs that have to trust it.</summary>
    /// <param name="folder">The folder for it and nothing else.</param>
    /// <returns>The variable that makes them trust it beside all others, on Linux.</returns>
    public static (string Name, string Value)? Export(string folder)
    {
        if (!OperatingSystem.IsLinux() || Pem() is not { } certificate) return null;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "developer.pem"), certificate);
        var others = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
            ? given
            : string.Join(':', SystemFolders.Where(Directory.Exists));
        return (Variable, $"{others}:{folder}");
    }

    private static string? Pem()
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadOnly);
        var all = store.Certificates;
        try
        {
            return all.FirstOrDefault(c =>
                c.HasPrivateKey && c.NotAfter > DateTime.Now && c.Extensions.Any(e => e.Oid?.Value == Mark))?.ExportCertificatePem();
        }
        finally
        {
            foreach (var certificate in all) certificate.Dispose();
        }
    }
}
