using Microsoft.Net.Http.Headers;

namespace SdAspire.ObjectStore.S3;

/// <summary>The one part of an object that a Range header asks for.</summary>
internal readonly record struct ByteRange(long Offset, long Count)
{
    /// <summary>Null without a range, and for what S3 ignores: other units, broken syntax, several ranges.</summary>
    /// <exception cref="S3Exception">InvalidRange for a range that begins behind the end.</exception>
    public static ByteRange? Parse(string? header, long size)
    {
        if (string.IsNullOrEmpty(header)
            || !RangeHeaderValue.TryParse(header, out var parsed)
            || !parsed.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || parsed.Ranges is not { Count: 1 } ranges)
            return null;

        var range = ranges.Single();
        var (first, last) = range.From is { } from
            ? (from, Math.Min(range.To ?? long.MaxValue, size - 1))
            : (Math.Max(0, size - range.To.GetValueOrDefault()), size - 1);
        if (first > last) throw S3Errors.InvalidRange(header, size).AsException();
        return new ByteRange(first, last - first + 1);
    }
}
