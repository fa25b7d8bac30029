using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What the chart is called, and how it is installed.</summary>
public sealed partial class HelmChartOptions
{
    private const int MaxNamespace = 63;
    private const int MaxRelease = 53;
    private const int MaxName = 250;
    private const int MaxDescription = 1024;

    private readonly KubernetesEnvironmentResource _environment;

    internal HelmChartOptions(KubernetesEnvironmentResource environment) => _environment = environment;

    /// <summary>Sets the chart's name.</summary>
    public HelmChartOptions WithChartName(string name)
    {
        ValidateName(name);
        return Set(nameof(Metadata.Name), ReferenceExpression.Create($"{name}"));
    }

    /// <summary>Sets the chart's name.</summary>
    public HelmChartOptions WithChartName(IResourceBuilder<ParameterResource> name) => Set(nameof(Metadata.Name), name);

    /// <summary>Sets the chart's version, which is the application's, too.</summary>
    public HelmChartOptions WithChartVersion(string version)
    {
        ValidateVersion(version);
        return Set(nameof(Metadata.Version), ReferenceExpression.Create($"{version}"));
    }

    /// <summary>Sets the chart's version, which is the application's, too.</summary>
    public HelmChartOptions WithChartVersion(IResourceBuilder<ParameterResource> version) =>
        Set(nameof(Metadata.Version), version);

    /// <summary>Sets what the chart says about itself.</summary>
    public HelmChartOptions WithChartDescription(string description)
    {
        ValidateDescription(description);
        return Set(nameof(Metadata.Description), ReferenceExpression.Create($"{description}"));
    }

    /// <summary>Sets what the chart says about itself.</summary>
    public HelmChartOptions WithChartDescription(IResourceBuilder<ParameterResource> description) =>
        Set(nameof(Metadata.Description), description);

    /// <summary>Sets the namespace that Aspire deploys to; the stand-in only publishes.</summary>
    public HelmChartOptions WithNamespace(string @namespace)
    {
        ValidateLabel(@namespace, "Kubernetes namespace", MaxNamespace, nameof(@namespace));
        return this;
    }

    /// <summary>Sets the name of the release that Aspire deploys; the stand-in only publishes.</summary>
    public HelmChartOptions WithReleaseName(string releaseName)
    {
        ValidateLabel(releaseName, "Helm release name", MaxRelease, nameof(releaseName));
        return this;
    }

    internal static async ValueTask<Metadata> ResolveAsync(
        KubernetesEnvironmentResource environment, CancellationToken cancellationToken)
    {
        var name = await GetAsync(nameof(Metadata.Name)).ConfigureAwait(false) ?? environment.Chart.Name;
        var version = await GetAsync(nameof(Metadata.Version)).ConfigureAwait(false) ?? environment.Chart.Version;
        var description = await GetAsync(nameof(Metadata.Description)).ConfigureAwait(false) ?? environment.Chart.Description;
        // A parameter may have given them.
        ValidateName(name);
        ValidateVersion(version);
        ValidateDescription(description);
        return new(name, version, description);

        async ValueTask<string?> GetAsync(string property) =>
            environment.ChartExpressions.TryGetValue(property, out var expression)
            && await expression.GetValueAsync(cancellationToken).ConfigureAwait(false) is { } value
            && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    private HelmChartOptions Set(string property, IResourceBuilder<ParameterResource> parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return Set(property, ReferenceExpression.Create($"{parameter.Resource}"));
    }

    private HelmChartOptions Set(string property, ReferenceExpression value)
    {
        _environment.ChartExpressions[property] = value;
        return this;
    }

    private static void ValidateName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > MaxName || !ChartName().IsMatch(name))
            throw new ArgumentException(
                $"Helm chart name '{name}' is invalid. Use at most {MaxName} letters, digits, '-', '_' and '.'.", nameof(name));
    }

    private static void ValidateVersion(string version)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        if (!SemanticVersion().IsMatch(version))
            throw new ArgumentException(
                $"Helm chart version '{version}' is invalid. It is a semantic version, for example '1.2.3' or '1.2.3-beta.1'.",
                nameof(version));
    }

    private static void ValidateDescription(string description)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        if (description.Length > MaxDescription)
            throw new ArgumentException(
                $"Helm chart description is invalid. It must be {MaxDescription} characters or fewer.", nameof(description));
    }

    private static void ValidateLabel(string value, string target, int maxLength, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value, parameter);
        if (value.Length > maxLength || !DnsLabel().IsMatch(value))
            throw new ArgumentException(
                $"{target} '{value}' is invalid. Use at most {maxLength} lower-case letters, digits and hyphens, "
                + "and begin and end with a letter or digit.",
                parameter);
    }

    [GeneratedRegex("^[A-Za-z0-9._-]+$")]
    private static partial Regex ChartName();

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    // As Helm reads it: a leading v is allowed, minor and patch may be missing.
    [GeneratedRegex(@"^v?(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2}"
        + @"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$")]
    private static partial Regex SemanticVersion();

    internal sealed record Metadata(string Name, string Version, string Description);
}
