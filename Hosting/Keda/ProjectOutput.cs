using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace SdAspire.Hosting.Keda;

/// <summary>What <c>build/ProjectOutputs.targets</c> wrote down about the projects that an AppHost refers to.</summary>
public static class ProjectOutput
{
    /// <summary>The assembly that a project builds.</summary>
    /// <exception cref="DistributedApplicationException">The AppHost does not import the targets, or does not refer to the project.</exception>
    public static string Of(ProjectResource project)
    {
        var metadata = project.Annotations.OfType<IProjectMetadata>().Single();
        return Of(metadata.GetType().Assembly, metadata.ProjectPath);
    }

    /// <summary>The assembly that a project builds.</summary>
    public static string Of<TProject>() where TProject : IProjectMetadata, new() =>
        Of(typeof(TProject).Assembly, new TProject().ProjectPath);

    // The build writes the classes of the projects into the AppHost, so that is where they come from.
    private static string Of(Assembly appHost, string projectPath) =>
        appHost.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == $"TargetPath:{projectPath}")?.Value
        ?? throw new DistributedApplicationException(
            $"Where {projectPath} is built is not known: refer to it from the AppHost's project and import build/ProjectOutputs.targets there.");
}
