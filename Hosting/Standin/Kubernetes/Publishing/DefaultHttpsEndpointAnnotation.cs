using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The https endpoint that a project has because of its launch profile: a container does not listen on it.</summary>
sealed class DefaultHttpsEndpointAnnotation(EndpointAnnotation endpoint) : IResourceAnnotation
{
    public EndpointAnnotation Endpoint => endpoint;
}
