using System.Globalization;

namespace SdAspire.Generation;

/// <summary>The names of objects in the bucket.</summary>
public static class ObjectKeys
{
    public const string IndexPrefix = "index/";

    /// <summary>What every id begins with: ULIDs do until the year 3084.</summary>
    private const string FirstOfIds = "0";

    /// <summary>What the keys of pictures, of records and of the index begin with, and nothing else's.</summary>
    public static IReadOnlyList<string> OfGenerations { get; } = [FirstOfIds, IndexPrefix];

    /// <summary>Secrets: the keys that protect WebUi's cookies and forms.</summary>
    public const string ProtectionKeysPrefix = "keys/";

    private const string SegmentSuffix = ".jsonl";
    private const string RecordSuffix = ".json";
    private const string ProtectionKeySuffix = ".xml";

    public static string Image(string id, int n) => string.Create(CultureInfo.InvariantCulture, $"{id}-{n}.png");

    public static string Record(string id) => id + RecordSuffix;

    /// <param name="level">How often segments were merged to make it; 0 for one that was not.</param>
    public static string IndexSegment(string segmentId, int level = 0) => level == 0
        ? $"{IndexPrefix}{segmentId}{SegmentSuffix}"
        : string.Create(CultureInfo.InvariantCulture, $"{IndexPrefix}{segmentId}.{level}{SegmentSuffix}");

    /// <summary>How often segments were merged to make this one.</summary>
    public static int LevelOfIndexSegment(string key) =>
        key.Split('.') is [_, var level, _]
        && int.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    public static string ProtectionKey(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{ProtectionKeysPrefix}{number:D6}{ProtectionKeySuffix}");

    /// <summary>The number of the key that the object holds, or null if it holds something else.</summary>
    public static int? NumberOfProtectionKey(string key) =>
        key.StartsWith(ProtectionKeysPrefix, StringComparison.Ordinal)
        && key.EndsWith(ProtectionKeySuffix, StringComparison.Ordinal)
        && int.TryParse(
            key[ProtectionKeysPrefix.Length..^ProtectionKeySuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture,
            out var number)
            ? number
            : null;

    /// <summary>The id of the task whose record this key names, or null if it names something else.</summary>
    public static string? IdOfRecord(string key) =>
        key.EndsWith(RecordSuffix, StringComparison.Ordinal) && key[..^RecordSuffix.Length] is var id && TaskId.IsValid(id)
            ? id
            : null;
}
