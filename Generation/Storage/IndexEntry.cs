using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Generation;

/// <summary>
/// One line of an index segment: a task that was accepted, how it ended, that it was taken back because it could not be
/// queued, or that somebody deleted it.
/// </summary>
public sealed record IndexEntry
{
    private static ReadOnlySpan<byte> NewLine => "\n"u8;

    public GenerationTask? Accepted { get; init; }

    /// <summary>The id of the task that was taken back.</summary>
    public string? Withdrawn { get; init; }

    /// <summary>How a task ended, instead of its acceptance: spares whoever reads the index its record.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GenerationRecord? Ended { get; init; }

    /// <summary>The id of the task whose pictures and record are deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Deleted { get; init; }

    /// <summary>The entries as JSON lines.</summary>
    public static byte[] ToSegment(IEnumerable<IndexEntry> entries)
    {
        using var segment = new MemoryStream();
        foreach (var entry in entries)
        {
            JsonSerializer.Serialize(segment, entry, GenerationJson.Default.IndexEntry);
            segment.Write(NewLine);
        }
        return segment.ToArray();
    }

    /// <summary>The entries of a segment; a line that cannot be read costs only itself.</summary>
    public static IReadOnlyList<IndexEntry> ParseSegment(ReadOnlySpan<byte> segment, Action<string> onUnreadable)
    {
        var entries = new List<IndexEntry>();
        foreach (var line in segment.Split(NewLine))
        {
            if (segment[line].IsEmpty)
                continue;
            try
            {
                if (JsonSerializer.Deserialize(segment[line], GenerationJson.Default.IndexEntry) is { } entry)
                    entries.Add(entry);
            }
            catch (JsonException e)
            {
                onUnreadable(e.Message);
            }
        }
        return entries;
    }
}
