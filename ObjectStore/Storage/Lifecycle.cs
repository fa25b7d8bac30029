namespace SdAspire.ObjectStore.Storage;

/// <summary>Objects whose keys begin with the prefix expire so many days after they were written.</summary>
internal sealed record LifecycleRule(string Id, string Prefix, bool Enabled, int Days)
{
    /// <summary>When an object expires: S3 rounds up to the next midnight, UTC.</summary>
    public static DateTimeOffset Expiry(DateTimeOffset lastModified, int days)
    {
        var exact = lastModified.UtcDateTime.AddDays(days);
        return new DateTimeOffset(exact.TimeOfDay == TimeSpan.Zero ? exact : exact.Date.AddDays(1), TimeSpan.Zero);
    }

    public bool Expires(IndexEntry entry, DateTimeOffset now) =>
        Enabled && entry.Key.StartsWith(Prefix, StringComparison.Ordinal) && Expiry(entry.LastModified, Days) <= now;
}

/// <summary>A bucket's rules as their file carries them.</summary>
internal sealed record StoredLifecycle(IReadOnlyList<LifecycleRule> Rules);
