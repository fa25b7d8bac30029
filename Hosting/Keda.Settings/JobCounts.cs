namespace SdAspire.Keda.Settings;

/// <summary>What is known at one poll.</summary>
/// <param name="Ready">Messages that wait and that no job has taken.</param>
/// <param name="Running">Jobs that have not finished, pending ones included.</param>
/// <param name="Pending">Those of them that have not begun: they have taken no message yet.</param>
public readonly record struct JobCounts(long Ready, long Running, long Pending);
