namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where resources are published to.</summary>
public interface IComputeEnvironmentResource : IResource;

/// <summary>How many instances of a resource there are.</summary>
/// <param name="replicas">How many.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>How many.</summary>
    public int Replicas => replicas;
}

/// <summary>The resource is not published.</summary>
sealed class ExcludeFromManifestAnnotation : IResourceAnnotation;

/// <summary>The resource sends telemetry.</summary>
sealed class OtlpExporterAnnotation : IResourceAnnotation;
