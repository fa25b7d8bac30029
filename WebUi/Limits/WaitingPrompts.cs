using System.Net;
using Microsoft.Extensions.Options;
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

    /// <summary>Counts a prompt of whoever sent the present request; what nobody sent is not counted.</summary>
    /// <exception cref="TooManyWaitingException">The client has as many as it may have.</exception>
    public void Add(string id)
    {
        var limit = options.Value.WaitingPrompts;
        if (limit == 0 || contexts.HttpContext is not { } context)
            return;
        var client = ClientAddress.Of(context.Connection.RemoteIpAddress);
        lock (_gate)
        {
            var waiting = _waiting.GetValueOrDefault(client);
            if (waiting >= limit)
                throw new TooManyWaitingException(waiting);
            _waiting[client] = waiting + 1;
            _clients[id] = client;
        }
    }

    /// <summary>It does not wait any more.</summary>
    public void Remove(string id)
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
public sealed class TooManyWaitingException(int waiting)
    : Exception($"{waiting} of your prompts are waiting already; try again when some of them are painted.");
