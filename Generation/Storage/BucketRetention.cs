using Minio;
using Minio.DataModel.Args;
using Minio.DataModel.ILM;
using Minio.Exceptions;

namespace SdAspire.Generation;

/// <summary>Our rules among those of a bucket's lifecycle.</summary>
internal static class BucketRetention
{
    private const string OurIds = "sdaspire-retention-";
    private const string Enabled = "Enabled";

    public static async Task<bool> SetAsync(
        IMinioClient client, string bucket, IReadOnlyList<string> prefixes, int days, CancellationToken cancellationToken)
    {
        var present = await ReadAsync(client, bucket, cancellationToken);
        LifecycleRule[] ours = days == 0 ? [] : [.. prefixes.Select((prefix, n) => Rule($"{OurIds}{n}", prefix, days))];
        if (present.Where(IsOurs).Select(Facts).SequenceEqual(ours.Select(Facts)))
            return true;
        LifecycleRule[] all = [.. present.Where(rule => !IsOurs(rule)), .. ours];
        if (all.Length == 0)
        {
            await client.RemoveBucketLifecycleAsync(new RemoveBucketLifecycleArgs().WithBucket(bucket), cancellationToken);
            return true;
        }
        await client.SetBucketLifecycleAsync(
            new SetBucketLifecycleArgs().WithBucket(bucket)
                .WithLifecycleConfiguration(new LifecycleConfiguration { Rules = [.. all] }),
            cancellationToken);
        return true;
    }

    private static async Task<IReadOnlyCollection<LifecycleRule>> ReadAsync(
        IMinioClient client, string bucket, CancellationToken cancellationToken)
    {
        try
        {
            var lifecycle = await client.GetBucketLifecycleAsync(
                new GetBucketLifecycleArgs().WithBucket(bucket), cancellationToken);
            return [.. lifecycle?.Rules ?? []];
        }
        catch (MinioException e) when (e.Response?.Code == "NoSuchLifecycleConfiguration")
        {
            return [];
        }
    }

    private static LifecycleRule Rule(string id, string prefix, int days) => new()
    {
        ID = id,
        Status = Enabled,
        Filter = new RuleFilter { Prefix = prefix },
        Expiration = new Expiration { Days = days },
    };

    private static bool IsOurs(LifecycleRule rule) => rule.ID?.StartsWith(OurIds, StringComparison.Ordinal) is true;

    private static (string, string?, double?, string) Facts(LifecycleRule rule) =>
        (rule.ID, rule.Filter?.Prefix, rule.Expiration?.Days, rule.Status);
}
