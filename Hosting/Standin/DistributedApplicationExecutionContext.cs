namespace Aspire.Hosting;

/// <summary>Whether the application runs or is published.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>The operation.</summary>
    public DistributedApplicationOperation Operation => operation;

    /// <summary>The AppHost's own services, once the application is built.</summary>
    public IServiceProvider ServiceProvider =>
        Services ?? throw new InvalidOperationException("The services are there once the application is built.");

    internal IServiceProvider? Services { get; set; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Whether it is published.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What is done with an application.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>It runs.</summary>
    Run,

    /// <summary>It is published.</summary>
    Publish,
}
