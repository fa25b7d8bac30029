using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Names volumes so that applications do not share one by accident.</summary>
public static class VolumeNameGenerator
{
    private const int HashLength = 10;

    /// <summary>A name from those of the application and the resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="suffix">What the volume is for.</param>
    public static string Generate<T>(IResourceBuilder<T> builder, string suffix) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Sanitize(suffix) != suffix)
            throw new ArgumentException(
                $"The suffix '{suffix}' has characters that the name of a volume cannot have.", nameof(suffix));
        var application = builder.ApplicationBuilder.Environment.ApplicationName;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(application)))[..HashLength];
        return $"{Sanitize(application).ToLowerInvariant()}-{hash}-{builder.Resource.Name}-{suffix}";
    }

    private static string Sanitize(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterOrDigit(c) || (i > 0 && c is '_' or '.' or '-') ? c : '_'));
}
