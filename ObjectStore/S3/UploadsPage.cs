using System.Text;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>What a listing of multipart uploads asks for.</summary>
internal sealed record UploadsQuery(string Prefix, string Delimiter, string KeyMarker, string IdMarker, PageRequest Page)
{
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static UploadsQuery Parse(RawTarget target) => new(
        target["prefix"] ?? "", target["delimiter"] ?? "", target["key-marker"] ?? "", target["upload-id-marker"] ?? "",
        new PageRequest(target, "max-uploads"));
}

/// <summary>One page of uploads; the last name of either kind is where the next one goes on.</summary>
internal sealed record UploadsPage(
    IReadOnlyList<Upload> Uploads, IReadOnlyList<string> CommonPrefixes, string? NextKey, string? NextId)
{
    public static UploadsPage Of(IReadOnlyList<Upload> all, UploadsQuery query)
    {
        var (uploads, prefixes) = (new List<Upload>(), new List<string>());
        string? lastKey = null, lastId = null;
        foreach (var upload in all)
        {
            if (!upload.Key.Text.StartsWith(query.Prefix, StringComparison.Ordinal) || IsBefore(upload, query)) continue;
            var group = CommonPrefix(upload.Key.Text, query);
            if (group is not null && (group == query.KeyMarker || group == prefixes.LastOrDefault())) continue;
            if (uploads.Count + prefixes.Count == query.Page.Size) return new UploadsPage(uploads, prefixes, lastKey, lastId);
            if (group is null) uploads.Add(upload);
            else prefixes.Add(group);
            (lastKey, lastId) = group is null ? (upload.Key.Text, upload.Id) : (group, "");
        }
        return new UploadsPage(uploads, prefixes, null, null);
    }

    // Without an id the marker's key is behind us with all its uploads.
    static bool IsBefore(Upload upload, UploadsQuery query)
    {
        if (query.KeyMarker.Length == 0) return false;
        var marker = Encoding.UTF8.GetBytes(query.KeyMarker);
        return query.IdMarker.Length == 0
            ? upload.Key.Utf8.AsSpan().SequenceCompareTo(marker) <= 0
            : MultipartUploads.Compare(upload.Key.Utf8, upload.Id, marker, query.IdMarker) <= 0;
    }

    static string? CommonPrefix(string key, UploadsQuery query)
    {
        if (query.Delimiter.Length == 0) return null;
        var at = key.IndexOf(query.Delimiter, query.Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + query.Delimiter.Length)];
    }
}
