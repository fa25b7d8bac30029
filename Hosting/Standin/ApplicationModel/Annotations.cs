namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource starts after another one.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType) : IResourceAnnotation
{
    /// <summary>The resource that is waited for.</summary>
    public IResource Resource => resource;

    /// <summary>What is waited for.</summary>
    public WaitType WaitType => waitType;
}

/// <summary>What a resource waits for.</summary>
public enum WaitType
{
    /// <summary>The other resource runs and its health checks pass.</summary>
    WaitUntilHealthy = 0,

    /// <summary>The other resource runs.</summary>
    WaitUntilStarted = 2,
}

/// <summary>A health check of the resource, by its key.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The key under which the check is registered.</summary>
    public string Key => key;
}

/// <summary>The resource is not started with the application.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;
