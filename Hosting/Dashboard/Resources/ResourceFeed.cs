using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Grpc.Core;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>Whether the AppHost is there.</summary>
public enum FeedState
{
    /// <summary>This dashboard was started without an AppHost: it shows telemetry alone.</summary>
    NotConfigured,

    /// <summary>Not yet, or not any more; it is tried again.</summary>
    Connecting,

    /// <summary>Resources are live.</summary>
    Connected,

    /// <summary>The AppHost refuses this dashboard's key; it is tried again.</summary>
    Refused,
}

/// <summary>The AppHost's resources, live. Safe for many threads; a list that was read does not change any more.</summary>
public sealed partial class ResourceFeed : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ResourceServiceClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger<ResourceFeed> _logger;
    private ImmutableArray<Subscription> _subscriptions = [];
    private ImmutableDictionary<string, ResourceInfo> _byName = ImmutableDictionary<string, ResourceInfo>.Empty;
    private volatile IReadOnlyList<ResourceInfo> _resources = [];
    private volatile FeedState _state;
    private volatile string _applicationName = "";

    internal ResourceFeed(ResourceServiceClient client, TimeProvider time, ILogger<ResourceFeed> logger)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _state = client.Service is null ? FeedState.NotConfigured : FeedState.Connecting;
    }

    /// <summary>Whether the AppHost is there.</summary>
    public FeedState State => _state;

    /// <summary>The application's name; empty until it is known.</summary>
    public string ApplicationName => _applicationName;

    /// <summary>All resources, hidden ones too, by display name. What was last known stays while the AppHost is away.</summary>
    public IReadOnlyList<ResourceInfo> Resources => _resources;

    /// <summary>Calls back after the state or a resource has changed, on any thread, until disposed.</summary>
    public IDisposable Subscribe(Action changed)
    {
        var subscription = new Subscription(this, changed);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    /// <summary>
    /// A resource's console from its first kept line on, in batches, going on until cancelled, across a lost connection too.
    /// Lines that were told before the connection was lost are not told again, unless the numbers begin anew.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> ConsoleAsync(
        string resourceName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (_client.Service is not { } service) yield break;
        ConsoleLine? last = null;
        var pause = FirstPause;
        while (true)
        {
            var request = new WatchResourceConsoleLogsRequest { ResourceName = resourceName };
            using (var call = service.WatchResourceConsoleLogs(request, _client.Call(cancellationToken)))
            {
                var isFirst = true;
                while (await NextAsync(call.ResponseStream, cancellationToken))
                {
                    pause = FirstPause;
                    ConsoleLine[] lines = [.. call.ResponseStream.Current.LogLines
                        .Select(line => new ConsoleLine(line.LineNumber, line.Text, line.IsStdErr))];
                    if (isFirst && last is { } seen && !Continues(lines, seen)) last = null;
                    isFirst = false;
                    if (last is { Number: var number }) lines = [.. lines.Where(line => line.Number > number)];
                    if (lines.Length == 0) continue;
                    last = lines[^1];
                    yield return lines;
                }
            }
            await Task.Delay(pause, _time, cancellationToken);
            pause = Longer(pause);
        }
    }

    /// <summary>Runs a command of a resource. A failure is an answer, not an exception.</summary>
    public async Task<CommandResult> ExecuteAsync(
        string resourceName, string commandName, CancellationToken cancellationToken = default)
    {
        if (_client.Service is not { } service) return new CommandResult(CommandOutcome.Failed, "There is no AppHost.");
        var request = new ResourceCommandRequest
        {
            ResourceName = resourceName,
            CommandName = commandName,
            ResourceType = _byName.GetValueOrDefault(resourceName)?.Type ?? "",
        };
        try
        {
            var response = await service.ExecuteResourceCommandAsync(request, _client.Call(cancellationToken));
            var outcome = response.Kind switch
            {
                ResourceCommandResponseKind.Succeeded => CommandOutcome.Succeeded,
                ResourceCommandResponseKind.Cancelled => CommandOutcome.Cancelled,
                _ => CommandOutcome.Failed,
            };
            return new CommandResult(outcome, response.HasMessage ? response.Message : null);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new CommandResult(CommandOutcome.Failed, e.StatusCode == StatusCode.Unavailable
                ? "The AppHost does not answer."
                : e.Status.Detail);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_client.Service is not { } service) return;
        var pause = FirstPause;
        var isReconnect = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var information = await service.GetApplicationInformationAsync(new(), _client.Call(stoppingToken));
                _applicationName = information.ApplicationName;
                using var call = service.WatchResources(
                    new WatchResourcesRequest { IsReconnect = isReconnect }, _client.Call(stoppingToken));
                await foreach (var update in call.ResponseStream.ReadAllAsync(stoppingToken))
                {
                    pause = FirstPause;
                    isReconnect = true;
                    _state = FeedState.Connected;
                    Apply(update);
                }
                Lost(FeedState.Connecting);
            }
            catch (RpcException e) when (!stoppingToken.IsCancellationRequested)
            {
                var isRefused = e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied;
                if (isRefused && _state != FeedState.Refused) KeyRefused(_logger);
                Lost(isRefused ? FeedState.Refused : FeedState.Connecting);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(_logger, e);
                Lost(FeedState.Connecting);
            }
            await Task.Delay(pause, _time, stoppingToken);
            pause = Longer(pause);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    // An AppHost that was started again has counted fewer lines than were seen, or others under their numbers.
    private static bool Continues(ConsoleLine[] lines, ConsoleLine seen) =>
        lines.Length == 0 || lines[0].Number > seen.Number || lines.Contains(seen);

    // False at the end of the stream, however it came.
    private static async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(cancellationToken);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Lost(FeedState state)
    {
        if (_state == state) return;
        _state = state;
        Tell();
    }

    private void Apply(WatchResourcesUpdate update)
    {
        switch (update.KindCase)
        {
            case WatchResourcesUpdate.KindOneofCase.InitialData:
                _byName = update.InitialData.Resources.Select(ResourceReader.Read)
                    .DistinctBy(resource => resource.Name).ToImmutableDictionary(resource => resource.Name);
                break;
            case WatchResourcesUpdate.KindOneofCase.Changes:
                var names = _byName.ToBuilder();
                foreach (var change in update.Changes.Value)
                {
                    if (change.KindCase == WatchResourcesChange.KindOneofCase.Delete) names.Remove(change.Delete.ResourceName);
                    else if (change.KindCase == WatchResourcesChange.KindOneofCase.Upsert)
                        names[change.Upsert.Name] = ResourceReader.Read(change.Upsert);
                }
                _byName = names.ToImmutable();
                break;
        }
        _resources = [.. _byName.Values.OrderBy(resource => resource.DisplayName, StringComparer.OrdinalIgnoreCase)
            .ThenBy(resource => resource.Name, StringComparer.Ordinal)];
        Tell();
    }

    private void Tell()
    {
        foreach (var subscription in _subscriptions)
        {
            try
            {
                subscription.Changed();
            }
            catch (Exception e)
            {
                SubscriberFailed(_logger, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A subscriber failed.")]
    private static partial void SubscriberFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The AppHost refuses the key Dashboard__ResourceServiceClient__ApiKey.")]
    private static partial void KeyRefused(ILogger logger);

    [LoggerMessage(LogLevel.Error, "What the AppHost tells of its resources is not understood.")]
    private static partial void Failed(ILogger logger, Exception exception);

    private sealed class Subscription(ResourceFeed feed, Action changed) : IDisposable
    {
        public Action Changed => changed;

        public void Dispose() => ImmutableInterlocked.Update(ref feed._subscriptions, all => all.Remove(this));
    }
}
