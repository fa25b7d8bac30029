namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>A resource as the AppHost last described it.</summary>
public sealed record ResourceInfo
{
    /// <summary>What the AppHost knows it by; unique.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>For example <c>Project</c>, <c>Executable</c> or <c>Parameter</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Differs between two lives of a name.</summary>
    public required string Uid { get; init; }

    /// <summary>For example <c>Running</c>; null until it is known.</summary>
    public string? State { get; init; }

    /// <summary>How the state is to be seen.</summary>
    public ResourceStateStyle StateStyle { get; init; }

    /// <summary>The worst of the health reports; <see cref="ResourceHealth.Unknown"/> while it does not run.</summary>
    public ResourceHealth Health { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, if it does not run.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>The resource that it is part of, by name.</summary>
    public string? ParentName { get; init; }

    /// <summary>Whether it is left out of lists.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Where it answers, in the order to show.</summary>
    public IReadOnlyList<ResourceUrl> Urls { get; init; } = [];

    /// <summary>Its environment variables, by name.</summary>
    public IReadOnlyList<EnvironmentVariableInfo> Environment { get; init; } = [];

    /// <summary>What can be done with it, without hidden ones.</summary>
    public IReadOnlyList<CommandInfo> Commands { get; init; } = [];

    /// <summary>What else is known.</summary>
    public IReadOnlyList<ResourcePropertyInfo> Properties { get; init; } = [];

    /// <summary>What its health checks say.</summary>
    public IReadOnlyList<HealthReportInfo> HealthReports { get; init; } = [];
}

/// <summary>How a state is to be seen.</summary>
public enum ResourceStateStyle
{
    /// <summary>As text.</summary>
    None,

    /// <summary>All is well.</summary>
    Success,

    /// <summary>On its way.</summary>
    Info,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>Failed.</summary>
    Error,
}

/// <summary>Whether a resource is well, from best to worst.</summary>
public enum ResourceHealth
{
    /// <summary>Not known, or it has no checks and does not run.</summary>
    Unknown,

    /// <summary>It runs and no check complains.</summary>
    Healthy,

    /// <summary>It works, but not as well as it should.</summary>
    Degraded,

    /// <summary>It does not work, or its checks have not run yet.</summary>
    Unhealthy,
}

/// <summary>Where a resource answers.</summary>
public sealed record ResourceUrl(string Url, string DisplayName, string? EndpointName, bool IsInternal, bool IsActive);

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, in clear.</param>
/// <param name="IsFromAppHost">Given by the AppHost, not merely inherited.</param>
/// <param name="IsSensitive">To be masked until somebody asks for it.</param>
public sealed record EnvironmentVariableInfo(string Name, string? Value, bool IsFromAppHost, bool IsSensitive);

/// <summary>Something that can be done with a resource.</summary>
public sealed record CommandInfo(
    string Name, string DisplayName, string? Description, string? Confirmation, string? IconName,
    bool IsHighlighted, bool IsEnabled);

/// <summary>Something known about a resource, for example <c>executable.pid</c>.</summary>
public sealed record ResourcePropertyInfo(string Name, string DisplayName, string Value, bool IsSensitive);

/// <summary>What a health check says; the status is null until it has run.</summary>
public sealed record HealthReportInfo(
    string Name, ResourceHealth? Status, string Description, string Exception, DateTimeOffset? LastRunAt);

/// <summary>A line of a resource's console.</summary>
/// <param name="Number">From 1; a number that was there before is the same line.</param>
/// <param name="Text">The text, with its ANSI sequences.</param>
/// <param name="IsError">From standard error.</param>
public readonly record struct ConsoleLine(int Number, string Text, bool IsError);

/// <summary>What became of a command.</summary>
public sealed record CommandResult(CommandOutcome Outcome, string? Message);

/// <summary>How a command ended.</summary>
public enum CommandOutcome
{
    /// <summary>It was done.</summary>
    Succeeded,

    /// <summary>It was not; the message says why.</summary>
    Failed,

    /// <summary>Somebody changed their mind.</summary>
    Cancelled,
}
