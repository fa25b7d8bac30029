using Grpc.Core;
using Grpc.Net.Client;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SdAspire.Hosting.Dashboard;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Dashboard.Tests;

/// <summary>A dashboard on free ports, and senders that go through them.</summary>
internal sealed class OtlpDashboard : IAsyncDisposable
{
    public const string Key = "the-key-of-the-tests";

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private OtlpDashboard(WebApplication app)
    {
        _app = app;
        // In the order in which the dashboard listens.
        (FrontEnd, Grpc, Http) = app.Urls.Select(url => new Uri(url)).ToArray() is [var frontEnd, var grpc, var http]
            ? (frontEnd, grpc, http)
            : throw new InvalidOperationException($"Three addresses were expected: {string.Join(' ', app.Urls)}");
        _channel = GrpcChannel.ForAddress(Grpc);
    }

    public Uri FrontEnd { get; }

    public Uri Grpc { get; }

    public Uri Http { get; }

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public TelemetryStore Store => _app.Services.GetRequiredService<TelemetryStore>();

    public static async Task<OtlpDashboard> StartAsync(params string[] settings)
    {
        var app = await DashboardApp.BuildAsync([
            "--urls=http://127.0.0.1:0",
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0",
            "--ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL=http://127.0.0.1:0",
            $"--Dashboard:Otlp:PrimaryApiKey={Key}",
            "--Dashboard:Frontend:AuthMode=Unsecured",
            .. settings]);
        try
        {
            await app.StartAsync();
            return new OtlpDashboard(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task<ExportTraceServiceResponse> ExportAsync(
        ExportTraceServiceRequest request, string? key = Key, string? compression = null) =>
        CallAsync("trace.v1.TraceService", request, ExportTraceServiceResponse.Parser, key, compression);

    public Task<ExportLogsServiceResponse> ExportAsync(ExportLogsServiceRequest request, string? key = Key) =>
        CallAsync("logs.v1.LogsService", request, ExportLogsServiceResponse.Parser, key);

    public Task<ExportMetricsServiceResponse> ExportAsync(ExportMetricsServiceRequest request, string? key = Key) =>
        CallAsync("metrics.v1.MetricsService", request, ExportMetricsServiceResponse.Parser, key);

    public async Task<HttpResponseMessage> PostAsync(
        string path, byte[] body, string? key = Key, string contentType = "application/x-protobuf", string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Http, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(contentType);
        // A sender that asks first gets the answer; one that does not may only see the connection end.
        request.Headers.ExpectContinue = true;
        if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        if (key is not null) request.Headers.Add("x-otlp-api-key", key);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        Client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>As OTLP names its services, whatever this dashboard's own protos say.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string service, TRequest request, MessageParser<TResponse> parser, string? key, string? compression = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>
    {
        var method = new Method<TRequest, TResponse>(
            MethodType.Unary, $"opentelemetry.proto.collector.{service}", "Export",
            Marshallers.Create<TRequest>(message => message.ToByteArray(), bytes => throw new NotSupportedException()),
            Marshallers.Create<TResponse>(message => message.ToByteArray(), parser.ParseFrom));
        var headers = new Metadata();
        if (key is not null) headers.Add("x-otlp-api-key", key);
        if (compression is not null) headers.Add("grpc-internal-encoding-request", compression);
        return await _channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(headers), request);
    }
}
