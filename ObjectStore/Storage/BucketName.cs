using System.Text.RegularExpressions;

namespace SdAspire.ObjectStore.Storage;

/// <summary>S3's rules for the names of buckets, which make them safe as folder names too.</summary>
internal static partial class BucketName
{
    // Paths of this server's own: a bucket of that name could not be reached.
    static readonly string[] Reserved = ["alive", "health", "minio"];

    public static bool IsValid(string name) =>
        name.Length is >= 3 and <= 63
        && Form().IsMatch(name)
        && !FourNumbers().IsMatch(name)
        && !name.Contains("..", StringComparison.Ordinal)
        && !Reserved.Contains(name)
        && !name.StartsWith("xn--", StringComparison.Ordinal)
        && !name.StartsWith("sthree-", StringComparison.Ordinal)
        && !name.EndsWith("-s3alias", StringComparison.Ordinal)
        && !name.EndsWith("--ol-s3", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]*[a-z0-9]\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"\A\d+\.\d+\.\d+\.\d+\z")]
    private static partial Regex FourNumbers();
}
