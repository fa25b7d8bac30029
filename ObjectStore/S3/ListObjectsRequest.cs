using System.Buffers.Text;
using System.Text;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The parameters of ListObjects in version 1 and 2, which differ in how the next page is asked for.</summary>
internal sealed record ListObjectsRequest
{
    public required ListQuery Query { get; init; }

    public required bool IsVersion2 { get; init; }

    public required PageRequest Page { get; init; }

    public bool WithOwner { get; init; }

    public string? ContinuationToken { get; init; }

    /// <summary><c>start-after</c> or, in version 1, <c>marker</c>.</summary>
    public string? After { get; init; }

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static ListObjectsRequest Parse(RawTarget target)
    {
        var isVersion2 = target["list-type"] switch
        {
            null => false,
            "2" => true,
            var other => throw Invalid("list-type", other, "Invalid List Type specified in Request"),
        };
        var token = isVersion2 ? target["continuation-token"] : null;
        var after = target[isVersion2 ? "start-after" : "marker"];
        var page = new PageRequest(target, "max-keys");
        return new ListObjectsRequest
        {
            IsVersion2 = isVersion2,
            Page = page,
            WithOwner = !isVersion2 || target["fetch-owner"] == "true",
            ContinuationToken = token,
            After = after,
            Query = new ListQuery(
                Prefix: target["prefix"] ?? "",
                Delimiter: target["delimiter"] ?? "",
                From: token is { Length: > 0 } ? Position(token) : PositionAfter(after),
                After: token is { Length: > 0 } ? null : after,
                MaxKeys: page.Size),
        };
    }

    /// <summary>The opaque name of a position. It needs no memory of the listing that it continues.</summary>
    public static string Token(byte[] position) => Base64Url.EncodeToString(position);

    static byte[] Position(string token)
    {
        try
        {
            return Base64Url.DecodeFromChars(token);
        }
        catch (FormatException)
        {
            throw Invalid("continuation-token", token, "The continuation token provided is incorrect");
        }
    }

    static byte[] PositionAfter(string? key) =>
        string.IsNullOrEmpty(key) ? [] : ObjectIndex.PositionAfter(Encoding.UTF8.GetBytes(key));

    static S3Exception Invalid(string name, string value, string message) =>
        S3Errors.InvalidArgument(name, value, message).AsException();
}
