using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Publishes tasks again that were accepted and that nobody has: their page was killed before it published them, or the broker
/// lost its data. One of which nothing was heard may be on its way all the same; the record then decides, as after a redelivery.
/// </summary>
public sealed partial class LostTasks : BackgroundService
{
    private const int AtOnce = 16;

    // A large model is loaded for minutes in which nothing is said. A worker that dies gives its message back by itself.
    private const int PatienceWithRunning = 5;

    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(5);

    private readonly BrokerConnection _broker;
    private readonly DeadLetters _deadLetters;
    private readonly TaskPublisher _publisher;
    private readonly EventPublisher _events;
    private readonly ModelCatalog _models;
    private readonly GenerationBoard _board;
    private readonly Records _records;
    private readonly IObjectStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<LostTasks> _logger;
    private readonly TimeSpan _patience;
    private readonly Dictionary<string, DateTimeOffset> _emptySince = new(StringComparer.Ordinal);

    public LostTasks(
        BrokerConnection broker, DeadLetters deadLetters, TaskPublisher publisher, EventPublisher events, ModelCatalog models,
        GenerationBoard board, Records records, IObjectStore store, IOptions<LostTasksOptions> options, TimeProvider time,
        ILogger<LostTasks> logger)
    {
        (_broker, _deadLetters, _publisher, _events) = (broker, deadLetters, publisher, events);
        (_models, _board, _records, _store) = (models, board, records, store);
        (_time, _logger) = (time, logger);
        // Not the same for all replicas: the first one's news keeps the others from doing it too.
        _patience = TimeSpan.FromSeconds(options.Value.AfterSeconds) * (1 + Random.Shared.NextDouble() / 4);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_patience == TimeSpan.Zero)
            return;
        using var untraced = Untraced.Begin();
        var period = _patience / 4 < LongestPeriod ? _patience / 4 : LongestPeriod;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_board.IsLoaded)
                    await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is BrokerException or StorageUnavailableException)
            {
                // What was seen of the queues was seen of another time.
                _emptySince.Clear();
                LogPutOff(e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(period, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var model in _models.Models)
        {
            if (await _broker.CountReadyAsync(model.Queue, cancellationToken) is var ready && ready != 0)
            {
                _emptySince.Remove(model.Queue);
                // Unknown: someone may have deleted it.
                if (ready is null)
                    await _broker.DeclareAsync(cancellationToken);
                continue;
            }
            var now = _time.GetUtcNow();
            if (_emptySince.TryAdd(model.Queue, now) || now - _emptySince[model.Queue] < _patience)
                continue;
            if (_board.Silent(model.Name, _patience, _patience * PatienceWithRunning) is { Count: > 0 } silent)
            {
                await RepublishAsync(silent, model.Queue, cancellationToken);
                _emptySince.Remove(model.Queue);
            }
        }
    }

    private async Task RepublishAsync(
        IReadOnlyList<GenerationState> silent, string queue, CancellationToken cancellationToken)
    {
        var withdrawn = await _records.WithdrawnSinceAsync(silent[0].Task.Id, cancellationToken);
        foreach (var id in withdrawn)
            _board.Withdraw(id);
        var dead = await _deadLetters.LookForAsync(silent.Select(state => state.Task.Id).ToHashSet(), cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(silent, options, async (seen, token) =>
        {
            var id = seen.Task.Id;
            if (await _records.RefreshAsync(id, token) is not { IsFinished: false } state || state.HeardAt > seen.HeardAt)
                return;
            if (dead.TryGetValue(id, out var letter))
                await RecordAsync(state.Task, letter);
            else
                await RepublishAsync(state.Task, queue);
        });
    }

    private async Task RepublishAsync(GenerationTask task, string queue)
    {
        await _publisher.PublishAsync(task, queue, CancellationToken.None);
        _board.Heard(task.Id);
        LogRepublished(task.Id);
        await _events.AnnounceAsync(_time.GetUtcNow(), task);
    }

    /// <summary>It is not lost but given up: by the broker itself, or by a worker that could not write the record.</summary>
    private async Task RecordAsync(GenerationTask task, DeadLetter letter)
    {
        var record = new GenerationRecord
        {
            Status = GenerationOutcome.Failed,
            Task = task,
            Reason = letter.Reason,
            Attempts = letter.Attempts,
            FinishedAt = _time.GetUtcNow(),
        };
        await _store.PutAsync(ObjectKeys.Record(task.Id), record.ToUtf8Json(), "application/json", onlyIfAbsent: true);
        await _records.RefreshAsync(task.Id, CancellationToken.None);
        LogIsDead(task.Id, letter.Reason);
        await _events.AnnounceAsync(new GenerationEvent
        {
            Id = task.Id, Type = GenerationEventType.Failed, At = record.FinishedAt, Reason = record.Reason,
        });
    }

    [LoggerMessage(LogLevel.Warning, "{Id} was lost and is queued again")]
    private partial void LogRepublished(string id);

    [LoggerMessage(LogLevel.Warning, "{Id} is a dead letter without a record, and has failed: {Reason}")]
    private partial void LogIsDead(string id, string reason);

    [LoggerMessage(LogLevel.Debug, "The search for lost tasks is put off: {Message}")]
    private partial void LogPutOff(string message);
}
