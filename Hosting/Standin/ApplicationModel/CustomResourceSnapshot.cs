using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Health = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is known of a resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>The kind of resource.</summary>
    public required string ResourceType { get; init; }

    /// <summary>More about it, by well-known names.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>The state.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code, once it has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it was made.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When it started.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The health, while it runs: that of its worst check, and healthy without any.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running ? null
        : HealthReports.Select(r => r.Status ?? Health.Unhealthy).DefaultIfEmpty(Health.Healthy).Min();

    /// <summary>What its health checks say.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>Its environment.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Where it is reached.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>What other resources have to do with it.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>The commands that it takes.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>Whether a dashboard leaves it out.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Whether somebody who wanted to hear that it is ready has not yet been told.</summary>
    internal bool AwaitsReadyEvent { get; init; }

    /// <summary>Whether it runs, is healthy, and all who wanted to hear of that have been told.</summary>
    internal bool IsReady => HealthStatus == Health.Healthy && !AwaitsReadyEvent;
}

/// <summary>More about a resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether the value is to be hidden.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>An environment variable of a resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
/// <param name="IsFromSpec">Whether the application gave it, and it is not merely inherited.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>Where a resource is reached.</summary>
/// <param name="Name">The name of the endpoint.</param>
/// <param name="Url">The URL.</param>
/// <param name="IsInternal">Whether it is of no use outside the application.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Whether nothing listens there now.</summary>
    public bool IsInactive { get; init; }

    /// <summary>How a dashboard shows it.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How a dashboard shows a URL.</summary>
/// <param name="DisplayName">The text in place of the URL.</param>
/// <param name="SortOrder">The highest comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>What another resource has to do with this one.</summary>
/// <param name="ResourceName">The other resource.</param>
/// <param name="Type">For example <c>Parent</c>.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>What a health check says.</summary>
/// <param name="Name">The check.</param>
/// <param name="Status">Its result; null until it has run.</param>
/// <param name="Description">What it says.</param>
/// <param name="ExceptionText">What went wrong.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it was asked.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>A command that a resource takes.</summary>
/// <param name="Name">The name.</param>
/// <param name="State">Whether it can be given now.</param>
/// <param name="DisplayName">The name that a dashboard shows.</param>
/// <param name="DisplayDescription">What it does.</param>
/// <param name="Parameter">Not used.</param>
/// <param name="ConfirmationMessage">What the user is asked before.</param>
/// <param name="IconName">The icon that a dashboard shows.</param>
/// <param name="IconVariant">The icon's variant.</param>
/// <param name="IsHighlighted">Whether it is shown before others.</param>
public sealed record ResourceCommandSnapshot(
    string Name,
    ResourceCommandState State,
    string DisplayName,
    string? DisplayDescription,
    object? Parameter,
    string? ConfirmationMessage,
    string? IconName,
    IconVariant? IconVariant,
    bool IsHighlighted);

/// <summary>Something changed about a resource.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource => resource;

    /// <summary>The resource's id.</summary>
    public string ResourceId => resourceId;

    /// <summary>What is now known of it.</summary>
    public CustomResourceSnapshot Snapshot => snapshot;

    /// <summary>Whether it was only for a while, and that is over.</summary>
    internal bool IsGone { get; init; }
}
