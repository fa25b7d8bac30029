using Microsoft.Extensions.Options;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// How long pictures are kept. The storage deletes them when it comes to it; here they are gone on time, so that nothing is shown
/// that may be deleted at any moment, or has been.
/// </summary>
public sealed class Retention(IOptions<StorageOptions> options, TimeProvider time)
{
    /// <summary>What ended, or was accepted and never ended, before this is gone; null if everything is kept.</summary>
    public DateTimeOffset? Limit => options.Value.RetentionDays is > 0 and var days ? time.GetUtcNow().AddDays(-days) : null;

    public bool IsExpired(GenerationTask task) => task.CreatedAt <= Limit;

    public bool IsExpired(GenerationRecord record) => record.FinishedAt <= Limit;
}
