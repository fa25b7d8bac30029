using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Generation;

/// <summary>One wish for pictures: the body of a message on the queue of its model.</summary>
/// <remarks>
/// Unknown fields are refused: whoever sends one expects something of the worker that this version cannot do.
/// A new field therefore comes with a new <see cref="ContractVersion"/>.
/// </remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GenerationTask
{
    /// <summary>The version of the contract that this code reads and writes.</summary>
    public const int CurrentContractVersion = 1;

    [JsonPropertyOrder(-1)]
    public int ContractVersion { get; init; } = CurrentContractVersion;

    /// <summary>A ULID: sortable by time, unique, and the stem of every object key of this task.</summary>
    public required string Id { get; init; }

    [JsonConverter(typeof(UtcTimestampConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who asked, in a word (<c>web</c>, <c>api</c>, …).</summary>
    public string? Client { get; init; }

    /// <summary>The name of the model that is to paint.</summary>
    public required string Model { get; init; }

    public required string Prompt { get; init; }

    public string? NegativePrompt { get; init; }

    /// <summary>How many pictures; picture n, from 0, uses <see cref="Seed"/> + n.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Drawn before the task is published, so that a redelivery paints the same picture.</summary>
    public required long Seed { get; init; }

    public required int Steps { get; init; }

    public required double GuidanceScale { get; init; }

    /// <summary>A short name of <see cref="Schedulers"/>.</summary>
    public required string Scheduler { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>What tasks share that were asked for together and are painted in parallel.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    /// <summary>Room for picture inputs; this version knows none, so it is always null.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>The message body.</summary>
    public byte[] ToUtf8Json() => JsonSerializer.SerializeToUtf8Bytes(this, GenerationJson.Default.GenerationTask);

    /// <summary>Reads a message body strictly.</summary>
    /// <exception cref="MalformedTaskException">
    /// The body is no task of a known contract version; the message says why.
    /// </exception>
    public static GenerationTask Parse(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            // The version first: a newer contract must be called that, not "unknown field".
            var version = JsonSerializer.Deserialize(utf8Json, GenerationJson.Default.TaskHeader)?.ContractVersion
                ?? throw new MalformedTaskException("The message has no contractVersion.");
            if (version != CurrentContractVersion)
                throw new MalformedTaskException(
                    $"The message has contractVersion {version}, and only {CurrentContractVersion} is known here.");
            var task = JsonSerializer.Deserialize(utf8Json, GenerationJson.Default.GenerationTask)!;
            if (!TaskId.IsValid(task.Id))
                throw new MalformedTaskException("The field id is no ULID.");
            return task;
        }
        catch (JsonException e)
        {
            throw new MalformedTaskException($"The message is no valid task: {e.Message}", e);
        }
    }

    internal sealed record TaskHeader(int? ContractVersion);
}

/// <summary>A message that is no task; it belongs into the dead-letter queue, with this message as its reason.</summary>
public sealed class MalformedTaskException(string message, Exception? innerException = null)
    : Exception(message, innerException);
