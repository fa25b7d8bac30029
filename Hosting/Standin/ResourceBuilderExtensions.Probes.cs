using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds a probe that gets a path of the resource, and a health check that does the same.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="type">What the probe decides; there is one of each type.</param>
    /// <param name="path">The path; <c>/</c> by default.</param>
    /// <param name="initialDelaySeconds">Seconds from the start to the first probe; 5 by default.</param>
    /// <param name="periodSeconds">Seconds from one probe to the next; 5 by default.</param>
    /// <param name="timeoutSeconds">Seconds until a probe without an answer has failed; 1 by default.</param>
    /// <param name="failureThreshold">Failures in a row that count as one; 3 by default.</param>
    /// <param name="successThreshold">Successes in a row after a failure that count as one; 1 by default.</param>
    /// <param name="endpointName">The endpoint; https or else http by default.</param>
    [Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public static IResourceBuilder<T> WithHttpProbe<T>(
        this IResourceBuilder<T> builder,
        ProbeType type,
        string? path = null,
        int? initialDelaySeconds = null,
        int? periodSeconds = null,
        int? timeoutSeconds = null,
        int? failureThreshold = null,
        int? successThreshold = null,
        [EndpointName] string? endpointName = null)
        where T : IResourceWithEndpoints, IResourceWithProbes
    {
        var endpoint = builder.HttpEndpoint(endpointName, "HTTP probe");
        if (builder.Resource.Annotations.OfType<ProbeAnnotation>().SingleOrDefault(p => p.Type == type) is { } existing)
            builder.Resource.Annotations.Remove(existing);
        return builder
            .WithAnnotation(new EndpointProbeAnnotation
            {
                Type = type,
                EndpointReference = endpoint,
                Path = path ?? "/",
                InitialDelaySeconds = initialDelaySeconds ?? 5,
                PeriodSeconds = periodSeconds ?? 5,
                TimeoutSeconds = timeoutSeconds ?? 1,
                FailureThreshold = failureThreshold ?? 3,
                SuccessThreshold = successThreshold ?? 1,
            })
            .WithHttpHealthCheck(path, endpointName: endpoint.EndpointName);
    }
}
