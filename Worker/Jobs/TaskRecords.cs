using System.Text.Json;
using Microsoft.Extensions.Logging;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>How tasks ended, as the bucket has it: what is written first stands.</summary>
public sealed partial class TaskRecords(
    WorkerOptions options, Painter painter, IObjectStore store, StorageRetry retry, ILogger<TaskRecords> logger)
{
    private const string Json = "application/json";

    /// <returns>Null if the task is not finished.</returns>
    /// <exception cref="StorageUnavailableException">The storage has been away for too long.</exception>
    public async Task<GenerationRecord?> FindAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        var stored = await retry.RunAsync(() => store.GetAsync(ObjectKeys.Record(task.Id), cancellationToken), cancellationToken);
        try
        {
            return stored is null ? null : GenerationRecord.Parse(stored.Content);
        }
        catch (JsonException exception)
        {
            // It may be of a later version. That it is there says that the task is finished.
            LogUnreadable(task.Id, exception.Message);
            return new() { Status = GenerationOutcome.Done, Task = task, FinishedAt = stored!.LastModified };
        }
    }

    /// <returns>The record that stands: this one, or one that was there before.</returns>
    /// <exception cref="StorageUnavailableException">The storage has been away for too long.</exception>
    public async Task<GenerationRecord> PutAsync(GenerationRecord record, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.Record(record.Task.Id);
        using var span = WorkerTelemetry.Source.StartActivity("store")?.AddTag("sdaspire.key", key);
        while (true)
        {
            if (await retry.RunAsync(
                () => store.PutAsync(key, record.ToUtf8Json(), Json, onlyIfAbsent: true, cancellationToken), cancellationToken))
                return record;
            if (await FindAsync(record.Task, cancellationToken) is { } other)
                return other;
            // Deleted in between, by someone who wants the task tried again: as good as never there.
        }
    }

    /// <summary>Records that the task will not be painted.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public Task<GenerationRecord> PutFailureAsync(GenerationTask task, FailedAttempt failure, int attempts, TimeSpan worked) =>
        PutAsync(new GenerationRecord
        {
            Status = GenerationOutcome.Failed,
            Task = task,
            Reason = failure.Reason,
            WorkerSeconds = Seconds(worked),
            Device = painter.Device,
            Worker = options.Name,
            Attempts = attempts,
            FinishedAt = failure.At,
        }, CancellationToken.None);

    /// <summary>Deletes the pictures of a cancelled task, which this attempt or one before may have stored.</summary>
    public async Task DiscardPicturesAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        for (var n = 0; n < task.Count; n++)
        {
            // Whoever deletes the record wants the pictures after all, and somebody may be painting them already.
            if (await FindAsync(task, cancellationToken) is not { Status: GenerationOutcome.Cancelled })
                return;
            var key = ObjectKeys.Image(task.Id, n);
            await retry.RunAsync(async () =>
            {
                await store.DeleteAsync(key, cancellationToken);
                return true;
            }, cancellationToken);
        }
    }

    internal static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    [LoggerMessage(LogLevel.Warning, "The record of {Id} cannot be read: {Reason}")]
    private partial void LogUnreadable(string id, string reason);
}
