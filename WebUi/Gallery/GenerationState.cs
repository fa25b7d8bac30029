using System.Text.Json.Serialization;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>Where a task is on its way.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GenerationStatus>))]
public enum GenerationStatus
{
    [JsonStringEnumMemberName("queued")] Queued,
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

/// <summary>How far the painting is.</summary>
/// <param name="Picture">Which picture of the task, from 0.</param>
/// <param name="Step">Steps of this picture that are done.</param>
/// <param name="Of">Steps that it takes.</param>
public sealed record PaintingProgress(int Picture, int Step, int Of)
{
    /// <summary>Steps of all its pictures so far.</summary>
    [JsonIgnore]
    public int Done => (Picture * Of) + Step;
}

/// <summary>The first that was heard of a painting's progress, by the clock of who heard it.</summary>
public sealed record FirstProgress(PaintingProgress Progress, DateTimeOffset At);

/// <summary>What is known of one task.</summary>
public sealed record GenerationState(GenerationTask Task)
{
    public GenerationStatus Status { get; init; }

    public PaintingProgress? Progress { get; init; }

    /// <summary>Null while nothing is painted.</summary>
    public FirstProgress? FirstProgress { get; init; }

    /// <summary>How much there is to paint, in pixels times steps.</summary>
    public double Work => (double)Task.Count * Task.Steps * Task.Width * Task.Height;

    /// <summary>How far the picture is, as a PNG; only while it is painted.</summary>
    public byte[]? Preview { get; init; }

    public IReadOnlyList<PaintedPicture> Pictures { get; init; } = [];

    /// <inheritdoc cref="GenerationRecord.UnknownWords"/>
    public IReadOnlyList<string> UnknownWords { get; init; } = [];

    public string? Reason { get; init; }

    public double? Seconds { get; init; }

    public string? Worker { get; init; }

    /// <inheritdoc cref="GenerationRecord.WorkerSeconds"/>
    public double? WorkerSeconds { get; init; }

    /// <inheritdoc cref="GenerationRecord.Device"/>
    public string? Device { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When it was queued, for the last time.</summary>
    public DateTimeOffset QueuedAt { get; init; } = Task.CreatedAt;

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset HeardAt { get; init; }

    /// <summary>Grows with every change of any task.</summary>
    public long Version { get; init; }

    /// <summary>The version that brought the preview.</summary>
    public long PreviewVersion { get; init; }

    public bool IsFinished => Status is GenerationStatus.Done || IsRetryable;

    /// <summary>Whether it ended without pictures, so that it can be queued again.</summary>
    public bool IsRetryable => Status is GenerationStatus.Failed or GenerationStatus.Cancelled;

    public GenerationState With(GenerationEvent news)
    {
        // A late or repeated event does not reopen what the bucket has closed.
        if (IsFinished)
            return this;
        return news.Type switch
        {
            GenerationEventType.Started => this with
            {
                Status = GenerationStatus.Running, Progress = null, Preview = null, Worker = news.Worker,
            },
            GenerationEventType.Step => this with
            {
                Status = GenerationStatus.Running,
                Progress = new PaintingProgress(news.Picture ?? 0, news.Step ?? 0, news.Of ?? Task.Steps),
                Preview = PicturePreview.Decode(news.Preview) ?? Preview,
                Worker = news.Worker ?? Worker,
            },
            GenerationEventType.Done => this with
            {
                Status = GenerationStatus.Done,
                Progress = null,
                Preview = null,
                Pictures = [.. Enumerable.Range(0, Task.Count)
                    .Select(n => new PaintedPicture(
                        n, ObjectKeys.Image(Task.Id, n), Task.Seed + n, news.Withheld?.Contains(n) is true))],
                UnknownWords = news.UnknownWords ?? [],
                FinishedAt = news.At,
            },
            GenerationEventType.Failed => this with
            {
                Status = GenerationStatus.Failed, Progress = null, Preview = null, Reason = news.Reason, FinishedAt = news.At,
            },
            GenerationEventType.Cancelled => this with
            {
                Status = GenerationStatus.Cancelled, Progress = null, Preview = null, FinishedAt = news.At,
            },
            _ => this,
        };
    }

    /// <summary>What its record says, of a task that was painted.</summary>
    public GenerationRecord ToRecord() => new()
    {
        Status = GenerationOutcome.Done,
        Task = Task,
        Pictures = Pictures,
        UnknownWords = UnknownWords,
        Seconds = Seconds,
        Worker = Worker,
        WorkerSeconds = WorkerSeconds,
        Device = Device,
        FinishedAt = FinishedAt ?? HeardAt,
    };

    public static GenerationState From(GenerationRecord record) => new(record.Task)
    {
        Status = record.Status switch
        {
            GenerationOutcome.Done => GenerationStatus.Done,
            GenerationOutcome.Cancelled => GenerationStatus.Cancelled,
            _ => GenerationStatus.Failed,
        },
        Pictures = record.Pictures,
        UnknownWords = record.UnknownWords,
        Reason = record.Reason,
        Seconds = record.Seconds,
        Worker = record.Worker,
        WorkerSeconds = record.WorkerSeconds,
        Device = record.Device,
        FinishedAt = record.FinishedAt,
    };
}
