using Microsoft.Extensions.Logging;
using SdAspire.Diffusion;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>Paints and stores the pictures of one task, and then its record.</summary>
public sealed partial class TaskPainter(
    WorkerOptions options, ModelProfile model, Painter painter, IObjectStore store, EventPublisher events, StorageRetry retry,
    TimeProvider time, ILogger<TaskPainter> logger)
{
    private const string Png = "image/png";
    private const string Json = "application/json";

    public Task<bool> IsFinishedAsync(string id, CancellationToken cancellationToken) =>
        retry.RunAsync(() => store.ExistsAsync(ObjectKeys.Record(id), cancellationToken), cancellationToken);

    /// <summary>Loads the model, where it is not loaded yet.</summary>
    /// <exception cref="UnusableEngineException">It cannot be loaded.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (painter.IsLoaded)
            return;
        var began = time.GetTimestamp();
        using (WorkerTelemetry.Source.StartActivity("load model")?.AddTag("sdaspire.model", model.Name))
            await painter.LoadAsync(options.Model, options.Device).WaitAsync(cancellationToken);
        LogLoaded(model.Name, time.GetElapsedTime(began).TotalSeconds);
    }

    /// <param name="takenAt">When the message was taken, as the clock's timestamp.</param>
    public async Task PaintAsync(GenerationTask task, int attempts, long takenAt, CancellationToken cancellationToken)
    {
        await events.PublishAsync(News(task.Id, GenerationEventType.Started), cancellationToken);
        await LoadAsync(cancellationToken);

        var painting = TimeSpan.Zero;
        var pictures = new List<PaintedPicture>();
        await using (var progress = new ProgressEvents(time, done => events.PublishAsync(
            News(task.Id, GenerationEventType.Step) with
            {
                Picture = done.Picture, Step = done.Step.Step, Of = done.Step.Of,
            }, cancellationToken)))
        {
            for (var n = 0; n < task.Count; n++)
            {
                var began = time.GetTimestamp();
                var png = await PaintPictureAsync(task, n, progress.Of(n), cancellationToken);
                painting += time.GetElapsedTime(began);
                pictures.Add(await StoreAsync(task, n, png, cancellationToken));
            }
        }
        // False: a redelivery or a twin was faster, and its record stands.
        await PutRecordAsync(new GenerationRecord
        {
            Status = GenerationOutcome.Done,
            Task = task,
            Pictures = pictures,
            Seconds = Seconds(painting),
            WorkerSeconds = Seconds(time.GetElapsedTime(takenAt)),
            Device = painter.Device,
            Worker = options.Name,
            Attempts = attempts + 1,
            FinishedAt = time.GetUtcNow(),
        }, cancellationToken);
        await events.PublishAsync(News(task.Id, GenerationEventType.Done), cancellationToken);
    }

    /// <summary>Records and reports that the task will never be painted.</summary>
    public async Task FailAsync(
        GenerationTask task, string reason, int attempts, long takenAt, CancellationToken cancellationToken) =>
        await PutRecordAsync(new GenerationRecord
        {
            Status = GenerationOutcome.Failed,
            Task = task,
            Reason = reason,
            WorkerSeconds = Seconds(time.GetElapsedTime(takenAt)),
            Device = painter.Device,
            Worker = options.Name,
            Attempts = attempts,
            FinishedAt = time.GetUtcNow(),
        }, cancellationToken);

    public Task ReportFailureAsync(string id, string reason, CancellationToken cancellationToken) =>
        events.PublishAsync(News(id, GenerationEventType.Failed) with { Reason = reason }, cancellationToken);

    private async Task<byte[]> PaintPictureAsync(
        GenerationTask task, int n, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        using var span = WorkerTelemetry.Source.StartActivity("paint")?
            .AddTag("sdaspire.picture", n).AddTag("sdaspire.steps", task.Steps);
        return await painter.PaintAsync(new TextToImageRequest
        {
            Prompt = task.Prompt,
            NegativePrompt = task.NegativePrompt,
            Steps = task.Steps,
            GuidanceScale = task.GuidanceScale,
            Seed = task.Seed + n,
            Width = task.Width,
            Height = task.Height,
            Scheduler = task.Scheduler,
        }, progress, cancellationToken);
    }

    private async Task<PaintedPicture> StoreAsync(GenerationTask task, int n, byte[] png, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.Image(task.Id, n);
        using var span = WorkerTelemetry.Source.StartActivity("store")?.AddTag("sdaspire.key", key);
        await retry.RunAsync(() => store.PutAsync(key, png, Png, cancellationToken: cancellationToken), cancellationToken);
        return new PaintedPicture(n, key, task.Seed + n);
    }

    private async Task PutRecordAsync(GenerationRecord record, CancellationToken cancellationToken)
    {
        var key = ObjectKeys.Record(record.Task.Id);
        using var span = WorkerTelemetry.Source.StartActivity("store")?.AddTag("sdaspire.key", key);
        await retry.RunAsync(
            () => store.PutAsync(key, record.ToUtf8Json(), Json, onlyIfAbsent: true, cancellationToken), cancellationToken);
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private GenerationEvent News(string id, GenerationEventType type) => new()
    {
        Id = id,
        Type = type,
        At = time.GetUtcNow(),
        Worker = options.Name,
    };

    [LoggerMessage(LogLevel.Information, "Loaded the model {Model} in {Seconds:0.0} s")]
    private partial void LogLoaded(string model, double seconds);
}
