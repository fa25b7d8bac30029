using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Diagnostics.HealthChecks;

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
}

/// <summary>A state, with what a dashboard needs to show it.</summary>
/// <param name="Text">The state.</param>
public sealed record ResourceStateSnapshot(string Text)
{
    /// <summary>A state by its text.</summary>
    [return: NotNullIfNotNull(nameof(s))]
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s);
}

/// <summary>What is known of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>The kind of resource.</summary>
    public required string ResourceType { get; init; }

    /// <summary>The state.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code, once it has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it started.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The health, once it runs.</summary>
    public HealthStatus? HealthStatus { get; internal init; }
}

/// <summary>Something changed about a resource.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource => resource;

    /// <summary>The resource's id.</summary>
    public string ResourceId => resourceId;

    /// <summary>What is now known of it.</summary>
    public CustomResourceSnapshot Snapshot => snapshot;
}
