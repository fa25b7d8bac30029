namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource starts after another one.</summary>
/// <param name="resource">The resource that is waited for.</param>
/// <param name="waitType">What is waited for.</param>
/// <param name="exitCode">With which exit code it has to complete.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The resource that is waited for.</summary>
    public IResource Resource => resource;

    /// <summary>What is waited for.</summary>
    public WaitType WaitType => waitType;

    /// <summary>With which exit code it has to complete.</summary>
    public int ExitCode => exitCode;

    /// <summary>What to do if it ends before.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>What a resource waits for.</summary>
public enum WaitType
{
    /// <summary>The other resource runs and its health checks pass.</summary>
    WaitUntilHealthy = 0,

    /// <summary>The other resource has run and ended.</summary>
    WaitForCompletion = 1,

    /// <summary>The other resource runs.</summary>
    WaitUntilStarted = 2,
}

/// <summary>What to do if a resource that is waited for ends.</summary>
public enum WaitBehavior
{
    /// <summary>Wait until it is started again.</summary>
    WaitOnResourceUnavailable = 0,

    /// <summary>Fail.</summary>
    StopOnResourceUnavailable = 1,
}

/// <summary>A health check of the resource, by its key.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The key under which the check is registered.</summary>
    public string Key => key;
}

/// <summary>The resource is not started with the application.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>Another resource has to do with this one.</summary>
/// <param name="resource">The other resource.</param>
/// <param name="type">For example <c>Parent</c>.</param>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource => resource;

    /// <summary>For example <c>Parent</c>.</summary>
    public string Type => type;
}
