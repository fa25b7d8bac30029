using System.Text;
using Microsoft.Extensions.Primitives;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>What the headers of a write mean: kept with the object, without effect, or a request for what is not done.</summary>
internal static class HeaderRules
{
    const string UserMetadataPrefix = "x-amz-meta-";
    const int MaxUserMetadataBytes = 2048;
    const int MaxKeptBytes = 8192;

    static readonly string[] Kept =
        ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"];

    static readonly HashSet<string> WithoutEffect = new(StringComparer.OrdinalIgnoreCase)
    {
        "x-amz-content-sha256", "x-amz-date", "x-amz-user-agent", "x-amz-request-payer",
    };

    // Values that ask for what this server does anyway.
    static readonly Dictionary<string, string> Usual = new(StringComparer.OrdinalIgnoreCase)
    {
        ["x-amz-acl"] = "private", ["x-amz-storage-class"] = "STANDARD", ["x-amz-bucket-object-lock-enabled"] = "false",
    };

    /// <exception cref="S3Exception">NotImplemented: a header that changes the outcome is not dropped in silence.</exception>
    public static void RefuseUnsupported(IHeaderDictionary headers, HashSet<string>? supported = null)
    {
        foreach (var (name, value) in headers)
        {
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith(UserMetadataPrefix, StringComparison.OrdinalIgnoreCase)
                || WithoutEffect.Contains(name)
                || supported?.Contains(name) == true
                || (Usual.TryGetValue(name, out var usual) && string.Equals(usual, value, StringComparison.OrdinalIgnoreCase)))
                continue;
            throw S3Errors.HeaderNotImplemented(name).AsException();
        }
    }

    /// <exception cref="S3Exception">MetadataTooLarge.</exception>
    public static ObjectAttributes Attributes(IHeaderDictionary headers)
    {
        var user = headers
            .Where(header => header.Key.StartsWith(UserMetadataPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(
                header => header.Key[UserMetadataPrefix.Length..].ToLowerInvariant(),
                header => string.Join(',', header.Value.ToArray()));
        if (user.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key + pair.Value)) > MaxUserMetadataBytes)
            throw S3Errors.MetadataTooLarge.AsException();
        var kept = Kept
            .Where(name => !StringValues.IsNullOrEmpty(headers[name]))
            .ToDictionary(name => name, name => headers[name].ToString());
        var contentType = headers.ContentType is [{ Length: > 0 } type] ? type : "binary/octet-stream";
        if (kept.Values.Append(contentType).Sum(Encoding.UTF8.GetByteCount) > MaxKeptBytes)
            throw S3Errors.MetadataTooLarge.AsException();
        return new ObjectAttributes { ContentType = contentType, Headers = kept, UserMetadata = user };
    }

    /// <summary>Writes an object's metadata as response headers.</summary>
    public static void Apply(StoredObject stored, IHeaderDictionary headers)
    {
        headers.ContentType = stored.Attributes.ContentType;
        foreach (var (name, value) in stored.Attributes.Headers) headers[name] = value;
        foreach (var (name, value) in stored.Attributes.UserMetadata) headers[UserMetadataPrefix + name] = value;
    }
}
