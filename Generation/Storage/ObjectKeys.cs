using System.Globalization;

namespace SdAspire.Generation;

/// <summary>The names of objects in the bucket.</summary>
public static class ObjectKeys
{
    public const string IndexPrefix = "index/";

    private const string RecordSuffix = ".json";

    public static string Image(string id, int n) => string.Create(CultureInfo.InvariantCulture, $"{id}-{n}.png");

    public static string Record(string id) => id + RecordSuffix;

    public static string IndexSegment(string segmentId) => $"{IndexPrefix}{segmentId}.jsonl";

    /// <summary>The id of the task whose record this key names, or null if it names something else.</summary>
    public static string? IdOfRecord(string key) =>
        key.EndsWith(RecordSuffix, StringComparison.Ordinal) && key[..^RecordSuffix.Length] is var id && TaskId.IsValid(id)
            ? id
            : null;
}
