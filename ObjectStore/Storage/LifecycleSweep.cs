namespace SdAspire.ObjectStore.Storage;

/// <summary>Deletes what has expired, at the start and every hour.</summary>
internal sealed class LifecycleSweep(FolderStore store, TimeProvider time, ILogger<LifecycleSweep> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

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
        if (bucket.Lifecycle is not { } rules) return;
        var expired = 0;
        try
        {
            foreach (var entry in bucket.Index.Where(entry => IsExpired(rules, entry)))
            {
                if (await bucket.TryExpireAsync(new ObjectKey(entry.Key), now => IsExpired(rules, now), stopping)) expired++;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotExpired(logger, bucket.Name, e.Message);
        }
        if (expired > 0) Log.Expired(logger, bucket.Name, expired);
    }

    bool IsExpired(IReadOnlyList<LifecycleRule> rules, IndexEntry entry)
    {
        var now = time.GetUtcNow();
        return rules.Any(rule => rule.Expires(entry, now));
    }
}
