namespace SdAspire.Chart.Tests.Helm;

/// <summary>What a cluster serves: <c>keda.sh/v1alpha1</c> and <c>keda.sh/v1alpha1/ScaledJob</c> alike.</summary>
sealed class ApiVersions(IEnumerable<string> versions)
{
    private readonly HashSet<string> _versions = [.. versions];

    public bool Has(string version) => _versions.Contains(version);
}
