using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of resources.</summary>
public static class KnownResourceStates
{
    /// <summary>Not started, because that is left to the user.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>Waiting for other resources.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>About to run.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>Running.</summary>
    public static readonly string Running = "Running";

    /// <summary>Could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>About to end.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>Ended when it was told to.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>Ended by itself.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>The states that are not left without a new start.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];

    /// <summary>It ended though it should not, and starts again in a moment.</summary>
    internal const string Restarting = "Restarting";
}

/// <summary>How a dashboard shows a state.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>All is well.</summary>
    public static readonly string Success = "success";

    /// <summary>Something is wrong.</summary>
    public static readonly string Error = "error";

    /// <summary>Something is going on.</summary>
    public static readonly string Info = "info";

    /// <summary>Something may be wrong.</summary>
    public static readonly string Warn = "warning";
}

/// <summary>A state, with what a dashboard needs to show it.</summary>
/// <param name="Text">The state.</param>
/// <param name="Style">One of <see cref="KnownResourceStateStyles"/>.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state by its text.</summary>
    [return: NotNullIfNotNull(nameof(s))]
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}
