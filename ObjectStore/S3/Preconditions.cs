using System.Globalization;
using Microsoft.Extensions.Primitives;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>HTTP's conditional requests (RFC 9110, section 13) as S3 has them.</summary>
internal static class Preconditions
{
    /// <summary>
    /// Checks the conditions of a read; true when the client's copy is still good (304). The conditions on a copy's source
    /// have the same names with a prefix.
    /// </summary>
    /// <exception cref="S3Exception">PreconditionFailed.</exception>
    public static bool IsNotModified(IHeaderDictionary headers, StoredObject stored, string prefix = "")
    {
        // Either date counts only where no ETag is given for the same question.
        if (headers[prefix + "If-Match"] is { Count: > 0 } ifMatch)
        {
            if (!Matches(ifMatch, stored.ETag)) throw S3Errors.PreconditionFailed(prefix + "If-Match").AsException();
        }
        else if (Date(headers[prefix + "If-Unmodified-Since"]) < Seconds(stored.LastModified))
        {
            throw S3Errors.PreconditionFailed(prefix + "If-Unmodified-Since").AsException();
        }
        return headers[prefix + "If-None-Match"] is { Count: > 0 } ifNoneMatch
            ? Matches(ifNoneMatch, stored.ETag)
            : Date(headers[prefix + "If-Modified-Since"]) >= Seconds(stored.LastModified);
    }

    /// <exception cref="S3Exception">NotImplemented, as in S3: If-None-Match with an ETag, both conditions at once.</exception>
    public static WriteCondition OfWrite(IHeaderDictionary headers)
    {
        var (ifMatch, ifNoneMatch) = (headers.IfMatch.ToString(), headers.IfNoneMatch.ToString());
        if (ifNoneMatch is not ("" or "*") || (ifMatch != "" && ifNoneMatch != ""))
            throw S3Errors.HeaderNotImplemented("If-None-Match").AsException();
        if (ifNoneMatch == "*") return WriteCondition.KeyIsFree;
        return ifMatch == "" ? WriteCondition.None : WriteCondition.KeyHas(Unquoted(ifMatch));
    }

    /// <summary>Whether a Range is meant for this version (If-Range): parts of two versions must not be put together.</summary>
    public static bool RangeApplies(IHeaderDictionary headers, StoredObject stored) => headers.IfRange.ToString() switch
    {
        "" => true,
        ['"', ..] etag => Unquoted(etag) == stored.ETag,
        var date => Date(date) == Seconds(stored.LastModified),
    };

    static bool Matches(StringValues values, string etag) => values.ToString()
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(value => value.StartsWith("W/", StringComparison.Ordinal) ? value[2..] : value)
        .Any(value => value == "*" || Unquoted(value) == etag);

    public static string Unquoted(string etag) => etag is ['"', .. var inner, '"'] ? inner : etag;

    // A date that cannot be read is no condition.
    static DateTimeOffset? Date(StringValues value) => DateTimeOffset.TryParseExact(
        value, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
