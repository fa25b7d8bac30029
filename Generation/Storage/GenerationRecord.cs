using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Generation;

/// <summary>How a task ended.</summary>
public enum GenerationOutcome
{
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>Given up by whoever asked for it: no worker paints it, and one that does stops.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

/// <summary>One painted picture.</summary>
/// <param name="N">From 0.</param>
/// <param name="Key">Its object in the bucket.</param>
/// <param name="Withheld">The model's safety checker found what is not wanted, and the picture is black.</param>
public sealed record PaintedPicture(
    int N, string Key, long Seed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Withheld = false);

/// <summary>
/// <c>ID.json</c>: how a task ended, with all its parameters. Written once, with If-None-Match, after the pictures, by the worker
/// or by the page that cancelled the task: whichever is first decides.
/// </summary>
public sealed record GenerationRecord
{
    public required GenerationOutcome Status { get; init; }

    public required GenerationTask Task { get; init; }

    public IReadOnlyList<PaintedPicture> Pictures { get; init; } = [];

    /// <summary>The words of the prompt that the model was not taught; empty also where the model does not say what it was.</summary>
    public IReadOnlyList<string> UnknownWords { get; init; } = [];

    /// <summary>Why it failed, for a person to read.</summary>
    public string? Reason { get; init; }

    /// <summary>How long the painting took, without the model's loading.</summary>
    public double? Seconds { get; init; }

    /// <summary>
    /// For how long the worker had the task, from taking its message to this record, in the attempt that ended it: what the
    /// device is paid for. Of tasks that were painted together each has its share.
    /// </summary>
    public double? WorkerSeconds { get; init; }

    /// <summary>What the worker computes on: <c>cpu</c> or <c>cuda</c>.</summary>
    public string? Device { get; init; }

    public string? Worker { get; init; }

    public int Attempts { get; init; } = 1;

    [JsonConverter(typeof(UtcTimestampConverter))]
    public required DateTimeOffset FinishedAt { get; init; }

    public byte[] ToUtf8Json() => JsonSerializer.SerializeToUtf8Bytes(this, GenerationJson.Default.GenerationRecord);

    /// <exception cref="JsonException">The object is no record.</exception>
    public static GenerationRecord Parse(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, GenerationJson.Default.GenerationRecord)
        ?? throw new JsonException("The record is null.");
}
