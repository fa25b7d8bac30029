namespace SdAspire.Generation;

/// <summary>One line of an index segment: a task that was accepted, or one that was taken back because it could not be queued.</summary>
public sealed record IndexEntry
{
    public GenerationTask? Accepted { get; init; }

    /// <summary>The id of the task that was taken back.</summary>
    public string? Withdrawn { get; init; }
}
