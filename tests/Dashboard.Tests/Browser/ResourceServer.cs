using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Dashboard.Tests.Browser;

/// <summary>The AppHost's side: a real gRPC service with the resources that a test gives it.</summary>
internal sealed class ResourceServer : DashboardService.DashboardServiceBase, IAsyncDisposable
{
    public const string Key = "resource-key-of-the-tests";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Resource> _resources = [];
    private readonly List<Channel<WatchResourcesChange>> _watchers = [];
    private readonly Dictionary<string, List<ConsoleLogLine>> _consoles = [];
    private readonly List<(string Resource, Channel<ConsoleLogLine> Lines)> _readers = [];
    private readonly WebApplication _app;

    private ResourceServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(one => one.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<ResourceServer>();
    }

    public string Url => _app.Urls.Single();

    public string ApplicationName { get; init; } = "SdAspire";

    /// <summary>Commands that were asked for, as <c>resource/command</c>.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    public static async Task<ResourceServer> StartAsync()
    {
        var server = new ResourceServer();
        await server._app.StartAsync();
        return server;
    }

    public void Set(Resource resource)
    {
        lock (_gate)
        {
            _resources[resource.Name] = resource;
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(new WatchResourcesChange { Upsert = resource });
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            if (!_resources.Remove(name, out var resource))
                return;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(new WatchResourcesChange
                {
                    Delete = new ResourceDeletion { ResourceName = name, ResourceType = resource.ResourceType },
                });
            }
        }
    }

    public void Write(string resource, params IEnumerable<string> lines)
    {
        lock (_gate)
        {
            if (!_consoles.TryGetValue(resource, out var console))
                _consoles[resource] = console = [];
            foreach (var text in lines)
            {
                var line = new ConsoleLogLine { Text = text, LineNumber = console.Count + 1,
                    IsStdErr = text.StartsWith("error", StringComparison.Ordinal) };
                console.Add(line);
                foreach (var reader in _readers.Where(one => one.Resource == resource))
                    reader.Lines.Writer.TryWrite(line);
            }
        }
    }

    public override Task<ApplicationInformationResponse> GetApplicationInformation(
        ApplicationInformationRequest request, ServerCallContext context)
    {
        CheckKey(context);
        return Task.FromResult(new ApplicationInformationResponse { ApplicationName = ApplicationName });
    }

    public override async Task WatchResources(
        WatchResourcesRequest request, IServerStreamWriter<WatchResourcesUpdate> responseStream, ServerCallContext context)
    {
        CheckKey(context);
        var changes = Channel.CreateUnbounded<WatchResourcesChange>();
        var initial = new InitialResourceData();
        lock (_gate)
        {
            initial.Resources.AddRange(_resources.Values);
            _watchers.Add(changes);
        }
        try
        {
            await responseStream.WriteAsync(new WatchResourcesUpdate { InitialData = initial });
            await foreach (var change in changes.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(new WatchResourcesUpdate { Changes = new() { Value = { change } } });
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The dashboard has gone.
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(changes);
        }
    }

    public override async Task WatchResourceConsoleLogs(
        WatchResourceConsoleLogsRequest request, IServerStreamWriter<WatchResourceConsoleLogsUpdate> responseStream,
            ServerCallContext context)
    {
        CheckKey(context);
        var lines = Channel.CreateUnbounded<ConsoleLogLine>();
        var first = new WatchResourceConsoleLogsUpdate();
        lock (_gate)
        {
            first.LogLines.AddRange(_consoles.GetValueOrDefault(request.ResourceName) ?? []);
            _readers.Add((request.ResourceName, lines));
        }
        try
        {
            await responseStream.WriteAsync(first);
            while (await lines.Reader.WaitToReadAsync(context.CancellationToken))
            {
                var update = new WatchResourceConsoleLogsUpdate();
                while (update.LogLines.Count < 500 && lines.Reader.TryRead(out var line))
                    update.LogLines.Add(line);
                await responseStream.WriteAsync(update);
            }
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
        finally
        {
            lock (_gate)
                _readers.RemoveAll(one => one.Lines == lines);
        }
    }

    public override Task<ResourceCommandResponse> ExecuteResourceCommand(ResourceCommandRequest request,
        ServerCallContext context)
    {
        CheckKey(context);
        Commands.Enqueue($"{request.ResourceName}/{request.CommandName}");
        return Task.FromResult(request.CommandName == "fail"
            ? new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Failed, Message = "It would not." }
            : new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Succeeded });
    }

    public async ValueTask DisposeAsync()
    {
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
            await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static void CheckKey(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("x-resource-service-api-key") != Key)
            throw new RpcException(new Status(StatusCode.Unauthenticated, "The key is wrong."));
    }
}
