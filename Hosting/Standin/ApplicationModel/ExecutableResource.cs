#pragma warning disable ASPIREPROBES001 // They can be probed, whether or not anybody does.
namespace Aspire.Hosting.ApplicationModel;

/// <summary>A program that runs as a child process.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="command">The program.</param>
/// <param name="workingDirectory">Its working directory.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport,
        IResourceWithProbes, IComputeResource
{
    /// <summary>The program.</summary>
    public string Command => command;

    /// <summary>Its working directory.</summary>
    public string WorkingDirectory => workingDirectory;
}

/// <summary>A .NET project that runs as a child process.</summary>
/// <param name="name">The name of the resource.</param>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport,
        IResourceWithProbes, IComputeResource;
