#pragma warning disable ASPIREPROBES001 // It can be probed, whether or not anybody does.
namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container. The stand-in publishes it; it runs none.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="entrypoint">The program that runs instead of the image's own.</param>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport,
        IResourceWithProbes, IComputeResource
{
    /// <summary>The program that runs instead of the image's own.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}

/// <summary>A resource that computes: a project, a container, a program.</summary>
public interface IComputeResource : IResource;

/// <summary>The image of a container.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>The image, without registry and tag.</summary>
    public required string Image { get; set; }

    /// <summary>Where the image is pulled from.</summary>
    public string? Registry { get; set; }

    /// <summary>The image's tag; a digest takes its place.</summary>
    public string? Tag
    {
        get;
        set
        {
            field = value;
            if (value is not null) SHA256 = null;
        }
    }

    /// <summary>The image's digest; a tag takes its place.</summary>
    public string? SHA256
    {
        get;
        set
        {
            field = value;
            if (value is not null) Tag = null;
        }
    }
}

/// <summary>What is mounted into a container.</summary>
/// <param name="source">The volume's name, or a path of the host.</param>
/// <param name="target">The path in the container.</param>
/// <param name="type">What the source is.</param>
/// <param name="isReadOnly">Whether the container may only read it.</param>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>The volume's name, or a path of the host.</summary>
    public string? Source => source;

    /// <summary>The path in the container.</summary>
    public string Target => target;

    /// <summary>What the source is.</summary>
    public ContainerMountType Type => type;

    /// <summary>Whether the container may only read it.</summary>
    public bool IsReadOnly => isReadOnly;
}

/// <summary>What the source of a mount is.</summary>
public enum ContainerMountType
{
    /// <summary>A path of the host.</summary>
    BindMount,

    /// <summary>A volume.</summary>
    Volume,
}
