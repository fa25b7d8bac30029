using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Otlp;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>The AppHost's service, called with its key.</summary>
internal sealed class ResourceServiceClient : IDisposable
{
    private const string ApiKeyHeader = "x-resource-service-api-key";

    // A resource with its environment may be large; what the AppHost says is not bounded by what a sender may say.
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    private readonly GrpcChannel? _channel;
    private readonly Metadata _headers = [];

    public ResourceServiceClient(IOptions<ResourceServiceOptions> options)
    {
        if (string.IsNullOrEmpty(options.Value.Url)) return;
        if (options.Value is { AuthMode: KeyAuthMode.ApiKey, ApiKey: { } key }) _headers.Add(ApiKeyHeader, key);
        _channel = GrpcChannel.ForAddress(options.Value.Url, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxMessageBytes,
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                // An AppHost that was killed says nothing: without this its streams would stay open for ever.
                KeepAlivePingDelay = TimeSpan.FromSeconds(15),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
        });
        Service = new DashboardService.DashboardServiceClient(_channel);
    }

    /// <summary>Null where no AppHost is configured.</summary>
    public DashboardService.DashboardServiceClient? Service { get; }

    public CallOptions Call(CancellationToken cancellationToken) => new(_headers, cancellationToken: cancellationToken);

    public void Dispose() => _channel?.Dispose();
}
