using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>How a write ended, in S3's words.</summary>
internal static class WriteOutcomeExtensions
{
    /// <exception cref="S3Exception">The write was not done.</exception>
    public static void ThrowUnlessDone(this WriteOutcome outcome, S3Request request, WriteCondition? condition = null)
    {
        if (outcome.Error(request.KeyText, condition) is { } error) throw error.AsException();
    }

    /// <summary>Why a write was not done, or null.</summary>
    public static S3Error? Error(this WriteOutcome outcome, string key, WriteCondition? condition = null) => outcome switch
    {
        WriteOutcome.Done => null,
        WriteOutcome.PreconditionFailed =>
            S3Errors.PreconditionFailed(condition is { Free: true } ? "If-None-Match" : "If-Match"),
        WriteOutcome.NoSuchKey => S3Errors.NoSuchKey with { Details = [("Key", key)] },
        WriteOutcome.NoSuchBucket => S3Errors.NoSuchBucket,
        WriteOutcome.NoSuchUpload => S3Errors.NoSuchUpload,
        WriteOutcome.InvalidPart => S3Errors.InvalidPart,
        WriteOutcome.PartTooSmall => S3Errors.EntityTooSmall(MultipartUploads.MinPartBytes),
        WriteOutcome.ObjectTooLarge => S3Errors.ObjectTooLarge,
        _ => S3Errors.InternalError,
    };
}
