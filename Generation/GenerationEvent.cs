using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Generation;

/// <summary>What happened to a task.</summary>
public enum GenerationEventType
{
    [JsonStringEnumMemberName("started")] Started,
    [JsonStringEnumMemberName("step")] Step,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>Told by the page on which someone gave the task up; its record says so too.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,

    /// <summary>Told by the page that queued it, so that the page's other replicas know of it.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted,

    /// <summary>Told by the page on which someone deleted it: its pictures and its record are gone.</summary>
    [JsonStringEnumMemberName("deleted")] Deleted,
}

/// <summary>
/// One event on <c>generation.events</c>, routed by the task's id. Events are unconfirmed news: the truth is in the bucket.
/// </summary>
public sealed record GenerationEvent
{
    public const int MaxPreviewSide = 64;

    public required string Id { get; init; }

    public required GenerationEventType Type { get; init; }

    [JsonConverter(typeof(UtcTimestampConverter))]
    public required DateTimeOffset At { get; init; }

    /// <summary>Which picture of the task, from 0.</summary>
    public int? Picture { get; init; }

    /// <summary>Steps done on this picture.</summary>
    public int? Step { get; init; }

    public int? Of { get; init; }

    /// <summary>
    /// How far the picture is: a PNG of at most <see cref="MaxPreviewSide"/> pixels a side, in base64. A step may come without.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Preview { get; init; }

    /// <summary>Why it failed, for a person to read.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc cref="GenerationRecord.UnknownWords"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? UnknownWords { get; init; }

    /// <summary>Which of the done pictures are withheld, from 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Withheld { get; init; }

    /// <summary>Which worker says so.</summary>
    public string? Worker { get; init; }

    /// <summary>What was accepted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GenerationTask? Task { get; init; }

    public byte[] ToUtf8Json() => JsonSerializer.SerializeToUtf8Bytes(this, GenerationJson.Default.GenerationEvent);
}
