using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Describes containers.</summary>
public static class ContainerResourceBuilderExtensions
{
    /// <summary>Adds a container with the latest version of an image.</summary>
    public static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string image) =>
        builder.AddResource(new ContainerResource(name)).WithImage(image);

    /// <summary>Adds a container.</summary>
    public static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string image, string tag) =>
        builder.AddResource(new ContainerResource(name)).WithImage(image, tag);

    /// <summary>Sets the image.</summary>
    /// <param name="builder">The container.</param>
    /// <param name="image">The image; it may have a tag or a digest with it.</param>
    /// <param name="tag">Its tag; <c>latest</c> by default.</param>
    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null)
        where T : ContainerResource
    {
        ArgumentException.ThrowIfNullOrEmpty(image);
        var (name, ownTag, digest) = Split(image);
        if (tag is not null && ownTag is not null)
            throw new InvalidOperationException($"The image '{image}' has a tag of its own beside '{tag}'.");
        if (tag is not null && digest is not null)
            throw new ArgumentOutOfRangeException(nameof(tag), $"The image '{image}' has a digest beside '{tag}'.");
        if (!builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var annotation))
            builder.WithAnnotation(annotation = new ContainerImageAnnotation { Image = name });
        annotation.Image = name;
        if (digest is null) annotation.Tag = ownTag ?? tag ?? "latest";
        else annotation.SHA256 = digest;
        return builder;
    }

    /// <summary>Sets the image's tag.</summary>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag) where T : ContainerResource
    {
        builder.Image().Tag = tag;
        return builder;
    }

    /// <summary>Sets where the image is pulled from.</summary>
    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry)
        where T : ContainerResource
    {
        builder.Image().Registry = registry;
        return builder;
    }

    /// <summary>Mounts a volume.</summary>
    /// <param name="builder">The container.</param>
    /// <param name="name">The volume's name.</param>
    /// <param name="target">The path in the container.</param>
    /// <param name="isReadOnly">Whether the container may only read it.</param>
    public static IResourceBuilder<T> WithVolume<T>(
        this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource =>
        builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));

    internal static ContainerImageAnnotation Image<T>(this IResourceBuilder<T> builder) where T : ContainerResource =>
        builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image)
            ? image
            : throw new InvalidOperationException(
                $"The resource '{builder.Resource.Name}' does not have a container image specified.");

    // A colon before the last slash is that of the registry's port.
    private static (string Name, string? Tag, string? Digest) Split(string image)
    {
        const string Algorithm = "sha256:";
        if (image.IndexOf('@') is >= 0 and var at)
            return image[(at + 1)..].StartsWith(Algorithm, StringComparison.Ordinal)
                ? (image[..at], null, image[(at + 1 + Algorithm.Length)..])
                : throw new ArgumentOutOfRangeException(
                    nameof(image), $"The digest of the image '{image}' is none of {Algorithm}.");
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') ? (image[..colon], image[(colon + 1)..], null) : (image, null, null);
    }
}
