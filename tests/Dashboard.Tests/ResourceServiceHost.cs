using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Dashboard.Tests;

/// <summary>The AppHost's side: a real server that says what a test wants.</summary>
internal sealed class ResourceServiceHost : DashboardService.DashboardServiceBase, IAsyncDisposable
{
    public const string Key = "the-key-of-the-resources";

    private WebApplication? _app;

    public Channel<WatchResourcesUpdate> Updates { get; } = Channel.CreateUnbounded<WatchResourcesUpdate>();

    public Channel<WatchResourceConsoleLogsUpdate> Lines { get; } = Channel.CreateUnbounded<WatchResourceConsoleLogsUpdate>();

    public ConcurrentQueue<string?> Keys { get; } = [];

    public ConcurrentQueue<bool> Reconnects { get; } = [];

    public ConcurrentQueue<ResourceCommandRequest> Commands { get; } = [];

    public static async Task<ResourceServiceHost> StartAsync(int port)
    {
        var host = new ResourceServiceHost();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(host);
        host._app = builder.Build();
        host._app.MapGrpcService<ResourceServiceHost>();
        await host._app.StartAsync();
        return host;
    }

    public static WatchResourcesUpdate Initial(params Resource[] resources) =>
        new() { InitialData = new InitialResourceData { Resources = { resources } } };

    public static WatchResourceConsoleLogsUpdate Console(params (int Number, string Text)[] lines) => new()
    {
        LogLines =
        {
            lines.Select(line => new ConsoleLogLine
            {
                LineNumber = line.Number, Text = line.Text, IsStdErr = line.Text == "error",
            }),
        },
    };

    public override Task<ApplicationInformationResponse> GetApplicationInformation(
        ApplicationInformationRequest request, ServerCallContext context)
    {
        Check(context);
        return Task.FromResult(new ApplicationInformationResponse { ApplicationName = "Tests" });
    }

    public override async Task WatchResources(
        WatchResourcesRequest request, IServerStreamWriter<WatchResourcesUpdate> responseStream, ServerCallContext context)
    {
        Check(context);
        Reconnects.Enqueue(request.IsReconnect);
        await foreach (var update in Updates.Reader.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(update, context.CancellationToken);
    }

    public override async Task WatchResourceConsoleLogs(
        WatchResourceConsoleLogsRequest request, IServerStreamWriter<WatchResourceConsoleLogsUpdate> responseStream,
        ServerCallContext context)
    {
        Check(context);
        await foreach (var update in Lines.Reader.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(update, context.CancellationToken);
    }

    public override Task<ResourceCommandResponse> ExecuteResourceCommand(
        ResourceCommandRequest request, ServerCallContext context)
    {
        Check(context);
        Commands.Enqueue(request);
        return request.CommandName switch
        {
            "start" => Task.FromResult(new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Succeeded }),
            "stop" => Task.FromResult(new ResourceCommandResponse
            {
                Kind = ResourceCommandResponseKind.Failed, Message = "It would not.",
            }),
            _ => throw new RpcException(new Status(StatusCode.NotFound, "There is no such command.")),
        };
    }

    /// <summary>Ends its streams as an AppHost does that is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private void Check(ServerCallContext context)
    {
        var key = context.RequestHeaders.GetValue("x-resource-service-api-key");
        Keys.Enqueue(key);
        if (key != Key) throw new RpcException(new Status(StatusCode.Unauthenticated, "No."));
    }
}
