using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that can be probed.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IResourceWithProbes : IResource;

/// <summary>A probe of a resource.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public abstract class ProbeAnnotation : IResourceAnnotation
{
    /// <summary>What the probe decides.</summary>
    public required ProbeType Type { get; init; }

    /// <summary>Seconds from the start to the first probe.</summary>
    public int InitialDelaySeconds { get; init; }

    /// <summary>Seconds from one probe to the next.</summary>
    public int PeriodSeconds { get; init; } = 10;

    /// <summary>Seconds until a probe without an answer has failed.</summary>
    public int TimeoutSeconds { get; set; } = 1;

    /// <summary>Successes in a row after a failure that count as one.</summary>
    public int SuccessThreshold { get; init; } = 1;

    /// <summary>Failures in a row that count as one.</summary>
    public int FailureThreshold { get; init; } = 3;
}

/// <summary>A probe that gets a path of an endpoint.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class EndpointProbeAnnotation : ProbeAnnotation
{
    /// <summary>The endpoint.</summary>
    public required EndpointReference EndpointReference { get; init; }

    /// <summary>The path.</summary>
    public required string Path { get; init; }
}

/// <summary>What a probe decides.</summary>
[Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public enum ProbeType
{
    /// <summary>Whether the resource has started.</summary>
    Startup,

    /// <summary>Whether the resource may get requests.</summary>
    Readiness,

    /// <summary>Whether the resource has to be restarted.</summary>
    Liveness,
}
