using System.Data.Common;
using Microsoft.Extensions.Hosting;

namespace CommunityToolkit.Aspire.Minio.Client;

/// <summary>How a service connects to an S3 server. Bound from <c>Aspire:Minio:Client</c>.</summary>
[Obsolete(MinioClientBuilderExtensionMethods.Archived)]
public sealed class MinioClientSettings
{
    /// <summary>The server's address.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The keys; the SDK makes no client without them.</summary>
    public MinioCredentials? Credentials { get; set; }

    /// <summary>Uses TLS. The endpoint's scheme does not decide it.</summary>
    public bool UseSsl { get; set; }

    /// <summary>Reads <c>Endpoint=…;AccessKey=…;SecretKey=…;UseSsl=…</c>, or a bare URL.</summary>
    internal void ParseConnectionString(string connectionString)
    {
        if (Uri.TryCreate(connectionString, UriKind.Absolute, out var url))
        {
            Endpoint = url;
            return;
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (Uri.TryCreate(Read("Endpoint"), UriKind.Absolute, out var endpoint))
            Endpoint = endpoint;
        if (bool.TryParse(Read("UseSsl") ?? Read("Ssl"), out var useSsl))
            UseSsl = useSsl;
        if (Read("AccessKey") is { Length: > 0 } accessKey && Read("SecretKey") is { Length: > 0 } secretKey)
            Credentials = new MinioCredentials { AccessKey = accessKey, SecretKey = secretKey };

        string? Read(string keyword) => parts.TryGetValue(keyword, out var value) ? value.ToString()?.Trim() : null;
    }
}

/// <summary>The keys of an S3 account.</summary>
[Obsolete(MinioClientBuilderExtensionMethods.Archived)]
public class MinioCredentials
{
    /// <summary>The account's name.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>The account's secret.</summary>
    public string SecretKey { get; set; } = "";
}
