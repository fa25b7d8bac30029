using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>Aspire's dashboard in the cluster.</summary>
/// <param name="name">The name of the resource.</param>
public class KubernetesAspireDashboardResource(string name) : ContainerResource(name)
{
    internal const string Http = "http";
    internal const string OtlpGrpc = "otlp-grpc";
    internal const string OtlpHttp = "otlp-http";

    /// <summary>The pages.</summary>
    public EndpointReference PrimaryEndpoint => new(this, Http);

    /// <summary>Where telemetry is sent to.</summary>
    public EndpointReference OtlpGrpcEndpoint => new(this, OtlpGrpc);
}
