namespace SdAspire.ObjectStore.Storage;

/// <summary>What must hold of a key at the moment of a write: nothing, that it is free, or that it has a given ETag.</summary>
internal sealed record WriteCondition
{
    public static readonly WriteCondition None = new();

    public static readonly WriteCondition KeyIsFree = new() { Free = true };

    public bool Free { get; private init; }

    /// <summary>The ETag without quotes, or <c>*</c> for any object.</summary>
    public string? ETag { get; private init; }

    public static WriteCondition KeyHas(string etag) => new() { ETag = etag };

    /// <summary>The outcome that forbids the write, or null.</summary>
    public WriteOutcome? Refusal(IndexEntry? current)
    {
        if (Free) return current is null ? null : WriteOutcome.PreconditionFailed;
        if (ETag is null) return null;
        if (current is null) return WriteOutcome.NoSuchKey;
        return ETag == "*" || ETag == current.ETag ? null : WriteOutcome.PreconditionFailed;
    }
}

/// <summary>How a write to a bucket ended.</summary>
internal enum WriteOutcome
{
    Done,
    PreconditionFailed,
    NoSuchKey,
    NoSuchBucket,
    NoSuchUpload,
    InvalidPart,
    PartTooSmall,
    ObjectTooLarge,
}
