namespace SdAspire.Tests.Shared.Faults;

/// <summary>What was counted after a fault, with everything at rest and then stopped.</summary>
internal sealed record FaultResult
{
    public required string Fault { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Why this machine does not allow the fault; null if it was done.</summary>
    public string? NotPossible { get; init; }

    /// <summary>How often it was done.</summary>
    public int Times { get; init; }

    /// <summary>How often that hit the moment that was meant.</summary>
    public int Right { get; init; }

    /// <summary>Tasks that were answered with 202, and messages that were published past the page and confirmed.</summary>
    public int Accepted { get; init; }

    /// <summary>Prompts whose connection was lost before an answer.</summary>
    public int Unanswered { get; init; }

    /// <summary>Those of them that were painted all the same.</summary>
    public int UnansweredPainted { get; init; }

    /// <summary>Tries that were refused or did not reach the page, each of which was followed by another.</summary>
    public int TriedAgain { get; init; }

    /// <summary>Tries that were refused and painted all the same: nobody asked for these any more.</summary>
    public int RefusedPainted { get; init; }

    /// <summary>Accepted tasks with one record and all of its pictures, whole.</summary>
    public int Painted { get; init; }

    /// <summary>Accepted ones among the dead letters, with a reason.</summary>
    public int Dead { get; init; }

    /// <summary>How many were to be dead letters.</summary>
    public int Doomed { get; init; }

    /// <summary>Accepted ones that are neither.</summary>
    public int Lost { get; init; }

    /// <summary>A second result for a task, or a result that nobody asked for.</summary>
    public int Duplicated { get; init; }

    /// <summary>Objects that are not whole.</summary>
    public int Torn { get; init; }

    /// <summary>Messages that were still in the queue.</summary>
    public long InQueue { get; init; }

    /// <summary>Processes that still ran after the stop, or after a part that they were to end with.</summary>
    public int ProcessesLeft { get; init; }

    /// <summary>Temporary folders that were still there after the stop.</summary>
    public int FoldersLeft { get; init; }

    public double Seconds { get; init; }

    /// <summary>What is wrong, in words; empty if nothing is.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public bool IsGood => NotPossible is null && Problems.Count == 0;

    public string Verdict => NotPossible is not null ? $"not possible here: {NotPossible}"
        : Problems.Count == 0 ? "good"
        : string.Join("; ", Problems);

    /// <summary>The same with what follows from the counts.</summary>
    public FaultResult Judged()
    {
        (bool IsWrong, string What)[] faults =
        [
            (Right == 0, "the moment was never hit"),
            (Lost > 0, $"{Lost} lost"),
            (Duplicated > 0, $"{Duplicated} duplicated"),
            (RefusedPainted > 0, $"{RefusedPainted} refused and painted all the same"),
            (Torn > 0, $"{Torn} torn"),
            (Dead != Doomed, $"{Dead} dead letters instead of {Doomed}"),
            (InQueue > 0, $"{InQueue} messages are left"),
            (ProcessesLeft > 0, $"{ProcessesLeft} processes are left"),
            (FoldersLeft > 0, $"{FoldersLeft} temporary folders are left"),
        ];
        return this with { Problems = [.. Problems, .. faults.Where(fault => fault.IsWrong).Select(fault => fault.What)] };
    }
}
