using Microsoft.Extensions.Logging;
using SdAspire.Diffusion;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>Paints and stores the pictures of one task.</summary>
public sealed partial class TaskPainter(
    WorkerOptions options, ModelProfile model, Painter painter, TaskRecords records, IObjectStore store, EventPublisher events,
    Onlookers onlookers, StorageRetry retry, Watchdog watchdog, TimeProvider time, ILogger<TaskPainter> logger)
{
    private const string Png = "image/png";

    /// <summary>Begins a round of tasks.</summary>
    public PaintingRound BeginRound(int tasks) => new(tasks, options.BatchSize, LoadAsync, painter, watchdog, time, logger);

    /// <summary>Starts the engine.</summary>
    /// <exception cref="UnusableEngineException">It cannot be used.</exception>
    /// <exception cref="HungEngineException">It takes too long.</exception>
    public Task WarmUpAsync(CancellationToken cancellationToken) => watchdog.WatchAsync(
        painter.WarmUpAsync(options.Device, options.Threads), "Starting the engine", cancellationToken);

    /// <summary>Loads the model, where it is not loaded yet.</summary>
    /// <exception cref="UnusableEngineException">It cannot be loaded.</exception>
    /// <exception cref="HungEngineException">It takes too long.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (painter.IsLoaded)
            return;
        var began = time.GetTimestamp();
        using (WorkerTelemetry.Source.StartActivity("load model")?.AddTag("sdaspire.model", model.Name))
        {
            var load = painter.LoadAsync(options.Model, options.Load);
            await watchdog.WatchAsync(load, "Loading the model", cancellationToken);
        }
        LogLoaded(model.Name, time.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Returns once the engine is at nobody's work any more, also after one that was given up.</summary>
    /// <exception cref="HungEngineException">It takes too long.</exception>
    public async Task EndWorkAsync(CancellationToken cancellationToken)
    {
        if (!painter.IsIdle)
            await watchdog.WatchAsync(painter.EndWorkAsync(), "The step in hand", cancellationToken);
    }

    /// <summary>Paints and stores the task's pictures, and then its record, if nobody has written one before.</summary>
    /// <param name="seat">Its place in the round.</param>
    /// <returns>The record that stands; null if one ended the painting and has been deleted since.</returns>
    public async Task<GenerationRecord?> PaintAsync(
        GenerationTask task, int attempts, PaintingRound.Seat seat, CancellationToken cancellationToken)
    {
        await events.PublishAsync(News(task.Id, GenerationEventType.Started), cancellationToken);

        var painting = TimeSpan.Zero;
        var pictures = new List<PaintedPicture>();
        await using (var watch = new RecordWatch(
            end => store.ExistsAsync(ObjectKeys.Record(task.Id), end), time, cancellationToken))
        {
            try
            {
                painting = await PaintPicturesAsync(task, seat, pictures, watch.GivingUp);
            }
            catch (OperationCanceledException) when (watch.Found && !cancellationToken.IsCancellationRequested)
            {
                return await records.FindAsync(task, cancellationToken);
            }
        }
        var record = await records.PutAsync(new GenerationRecord
        {
            Status = GenerationOutcome.Done,
            Task = task,
            Pictures = pictures,
            UnknownWords = model.UnknownWords(task.Prompt),
            Seconds = TaskRecords.Seconds(painting),
            WorkerSeconds = TaskRecords.Seconds(seat.Worked),
            Device = painter.Device,
            Worker = options.Name,
            Attempts = attempts + 1,
            FinishedAt = time.GetUtcNow(),
        }, cancellationToken);
        if (record.Status == GenerationOutcome.Done)
        {
            var done = News(task.Id, GenerationEventType.Done) with
            {
                UnknownWords = record.UnknownWords,
                Withheld = record.Pictures.Where(picture => picture.Withheld).Select(picture => picture.N).ToList() is [_, ..] some
                    ? some
                    : null,
            };
            await events.PublishAsync(done, cancellationToken);
        }
        return record;
    }

    public Task ReportFailureAsync(string id, string reason, CancellationToken cancellationToken) =>
        events.PublishAsync(News(id, GenerationEventType.Failed) with { Reason = reason }, cancellationToken);

    private async Task<TimeSpan> PaintPicturesAsync(
        GenerationTask task, PaintingRound.Seat seat, List<PaintedPicture> pictures, CancellationToken cancellationToken)
    {
        var painting = TimeSpan.Zero;
        await using var progress = new ProgressEvents(task.Count, time, done => events.PublishAsync(
            News(task.Id, GenerationEventType.Step) with
            {
                Picture = done.Picture, Step = done.Step.Step, Of = done.Step.Of,
                Preview = done.Preview is { } preview ? Convert.ToBase64String(preview.ToPng()) : null,
            }, cancellationToken), () => onlookers.AnyAsync(cancellationToken), LogWithoutPreview);
        var requests = Enumerable.Range(0, task.Count).Select(task.Request).ToList();
        await using var paintings =
            seat.PaintAsync(requests, progress.Of, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var n = 0; n < task.Count; n++)
        {
            using (WorkerTelemetry.Source.StartActivity("paint")?
                .AddTag("sdaspire.picture", n).AddTag("sdaspire.steps", task.Steps))
                await paintings.MoveNextAsync();
            painting += paintings.Current.Time;
            if (n == 0)
                foreach (var warning in painter.Warnings(requests[n]))
                    LogWarning(task.Id, warning);
            pictures.Add(await StoreAsync(task, n, paintings.Current.Png, cancellationToken));
        }
        return painting;
    }

    private async Task<PaintedPicture> StoreAsync(GenerationTask task, int n, PaintedPng png, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.Image(task.Id, n);
        var picture = PngParameters.Write(png.Bytes, task, n);
        using var span = WorkerTelemetry.Source.StartActivity("store")?.AddTag("sdaspire.key", key);
        await retry.RunAsync(() => store.PutAsync(key, picture, Png, cancellationToken: cancellationToken), cancellationToken);
        if (png.IsWithheld)
            LogWithheld(task.Id, n);
        return new PaintedPicture(n, key, task.Seed + n, png.IsWithheld);
    }

    private GenerationEvent News(string id, GenerationEventType type) => new()
    {
        Id = id,
        Type = type,
        At = time.GetUtcNow(),
        Worker = options.Name,
    };

    [LoggerMessage(LogLevel.Warning, "{Id}: {Warning}")]
    private partial void LogWarning(string id, string warning);

    [LoggerMessage(LogLevel.Warning, "{Id}: the safety checker withholds picture {N}")]
    private partial void LogWithheld(string id, int n);

    [LoggerMessage(LogLevel.Warning, "No preview can be made")]
    private partial void LogWithoutPreview(Exception exception);

    [LoggerMessage(LogLevel.Information, "Loaded the model {Model} in {Seconds:0.0} s")]
    private partial void LogLoaded(string model, double seconds);
}
