using CommunityToolkit.Aspire.Minio.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Minio;

namespace Microsoft.Extensions.Hosting;

/// <summary>Connects a service to an S3 server as CommunityToolkit.Aspire.Minio.Client does.</summary>
[Obsolete(Archived)]
public static class MinioClientBuilderExtensionMethods
{
    internal const string Archived = "MinIO's repository is archived, and so the package that this stands in for is obsolete.";

    private const string DefaultSectionName = "Aspire:Minio:Client";

    /// <summary>Registers <see cref="IMinioClientFactory"/> and <see cref="IMinioClient"/> as singletons.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c>.</param>
    /// <param name="configurationSectionName">The section that <see cref="MinioClientSettings"/> are bound from.</param>
    /// <param name="configureSettings">Has the last word on the settings.</param>
    public static void AddMinioClient(
        this IHostApplicationBuilder builder,
        string? connectionName = null,
        string? configurationSectionName = DefaultSectionName,
        Action<MinioClientSettings>? configureSettings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var settings = new MinioClientSettings();
        builder.Configuration.Bind(configurationSectionName ?? DefaultSectionName, settings);
        if (!string.IsNullOrEmpty(connectionName) && builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } text)
            settings.ParseConnectionString(text);
        configureSettings?.Invoke(settings);

        builder.Services.TryAddSingleton<IMinioClientFactory>(_ => new MinioClientFactory(client =>
        {
            if (settings.Endpoint is null)
            {
                throw new InvalidOperationException(
                    $"No storage endpoint: set ConnectionStrings__{connectionName ?? "NAME"} to Endpoint=http://HOST:PORT;AccessKey=…;SecretKey=…");
            }

            client.WithEndpoint(settings.Endpoint).WithSSL(settings.UseSsl);
            if (settings.Credentials is { } credentials)
                client.WithCredentials(credentials.AccessKey, credentials.SecretKey);
        }));
        builder.Services.TryAddSingleton(provider => provider.GetRequiredService<IMinioClientFactory>().CreateClient());
    }
}
