using System.Net;
using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Limits;

/// <summary>
/// Counts the prompts of each client that wait, so that one client's thousandth does not stand before another's first.
/// </summary>
public sealed class WaitingPrompts(
    GenerationBoard board, IHttpContextAccessor contexts, IOptions<LimitOptions> options) : IHostedService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IPAddress> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, int> _waiting = [];

    /// <summary>Counts prompts of whoever sent the present request, all or none; what nobody sent is not counted.</summary>
    /// <exception cref="TooManyWaitingException">The client may not have so many.</exception>
    public void Add(IReadOnlyList<GenerationTask> tasks)
    {
        var limit = options.Value.WaitingPrompts;
        if (limit == 0 || contexts.HttpContext is not { } context)
            return;
        var client = ClientAddress.Of(context.Connection.RemoteIpAddress);
        lock (_gate)
        {
            var waiting = _waiting.GetValueOrDefault(client);
            if (waiting + tasks.Count > limit)
                throw new TooManyWaitingException(waiting, limit);
            _waiting[client] = waiting + tasks.Count;
            foreach (var task in tasks)
                _clients[task.Id] = client;
        }
    }

    /// <summary>They do not wait any more.</summary>
    public void Remove(IReadOnlyList<GenerationTask> tasks)
    {
        foreach (var task in tasks)
            Remove(task.Id);
    }

    private void Remove(string id)
    {
        lock (_gate)
        {
            if (!_clients.Remove(id, out var client))
                return;
            if (--_waiting[client] == 0)
                _waiting.Remove(client);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        board.StateChanged += OnStateChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        board.StateChanged -= OnStateChanged;
        return Task.CompletedTask;
    }

    private void OnStateChanged(GenerationState? before, GenerationState after)
    {
        if (after.Status != GenerationStatus.Queued)
            Remove(after.Task.Id);
    }
}

/// <summary>A client has so many prompts waiting that it may not add another one.</summary>
public sealed class TooManyWaitingException(int waiting, int limit) : Exception(
    $"{waiting} of your prompts are waiting already, and {limit} may; try again when some of them are painted.");
