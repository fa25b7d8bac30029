using Microsoft.Extensions.Options;

namespace SdAspire.ObjectStore.Storage;

/// <summary>Deletes objects that have expired and uploads that were abandoned, at the start and every hour.</summary>
internal sealed class Sweep(
    FolderStore store, IOptions<ObjectStoreOptions> options, TimeProvider time, ILogger<Sweep> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    readonly TimeSpan _abandonedAfter = options.Value.AbandonedUploadsAfter;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not in the way of the start, however much there is to do.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var bucket in store.Buckets) await SweepAsync(bucket, stoppingToken);
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task SweepAsync(Bucket bucket, CancellationToken stopping)
    {
        try
        {
            await SweepObjectsAsync(bucket, stopping);
            await SweepUploadsAsync(bucket, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotSwept(logger, bucket.Name, e.Message);
        }
    }

    async Task SweepObjectsAsync(Bucket bucket, CancellationToken stopping)
    {
        if (bucket.Lifecycle is not { } rules) return;
        var expired = 0;
        try
        {
            foreach (var entry in bucket.Index.Where(entry => IsExpired(rules, entry)))
            {
                if (await bucket.TryExpireAsync(new ObjectKey(entry.Key), now => IsExpired(rules, now), stopping)) expired++;
            }
        }
        finally
        {
            if (expired > 0) Log.Expired(logger, bucket.Name, expired);
        }
    }

    async Task SweepUploadsAsync(Bucket bucket, CancellationToken stopping)
    {
        var abandoned = 0;
        try
        {
            foreach (var upload in bucket.Uploads.All)
            {
                if (await bucket.Uploads.TryAbandonAsync(upload, time.GetUtcNow() - _abandonedAfter, stopping)) abandoned++;
            }
        }
        finally
        {
            if (abandoned > 0) Log.Abandoned(logger, bucket.Name, abandoned);
        }
    }

    bool IsExpired(IReadOnlyList<LifecycleRule> rules, IndexEntry entry)
    {
        var now = time.GetUtcNow();
        return rules.Any(rule => rule.Expires(entry, now));
    }
}
