using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Writes a chart: a template per object, the values that the templates name, and what the chart is.</summary>
sealed class HelmChartWriter(string folder, CancellationToken cancellationToken)
{
    private readonly ISerializer _yaml = ChartYaml.CreateSerializer();

    private readonly Dictionary<string, Dictionary<string, Dictionary<string, object>>> _values = new()
    {
        [HelmNames.Parameters] = [],
        [HelmNames.Secrets] = [],
        [HelmNames.Config] = [],
    };

    public async Task AddAsync(KubernetesResource resource)
    {
        foreach (var item in resource.Objects)
        {
            var path = Path.Combine("templates", resource.Name, FileName(resource.Name, item));
            await WriteAsync(path, "---\n" + _yaml.Serialize(item)).ConfigureAwait(false);
        }
        await AddValuesAsync(HelmNames.Parameters, resource, resource.Parameters).ConfigureAwait(false);
        await AddValuesAsync(HelmNames.Config, resource, resource.Variables).ConfigureAwait(false);
        await AddValuesAsync(HelmNames.Secrets, resource, resource.Secrets).ConfigureAwait(false);
    }

    public async Task CompleteAsync(HelmChartOptions.Metadata chart)
    {
        var description = new HelmChart(chart.Name, chart.Version, chart.Description);
        await WriteAsync("Chart.yaml", _yaml.Serialize(description)).ConfigureAwait(false);
        await WriteAsync("values.yaml", _yaml.Serialize(_values)).ConfigureAwait(false);
    }

    // worker-config, say, is config.yaml in the folder of worker.
    private static string FileName(string resource, BaseKubernetesResource item)
    {
        if (item.Metadata.Name is not { Length: > 0 } name) return $"{item.GetType().Name.ToLowerInvariant()}.yaml";
        var prefix = $"{resource.ToLowerInvariant()}-";
        return $"{(name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name)}.yaml";
    }

    private async Task AddValuesAsync(string section, KubernetesResource resource, Dictionary<string, HelmValue> values)
    {
        if (values.Count == 0) return;
        var defaults = _values[section][HelmNames.Key(resource.Name)] = [];
        foreach (var (name, value) in values)
            defaults[value.Key ?? HelmNames.Key(name)] = await value.DefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(string path, string text)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What Aspire says of every chart, in its order.</summary>
    private sealed record HelmChart(
        [property: YamlMember(Order = 2)] string Name,
        [property: YamlMember(Order = 3)] string Version,
        [property: YamlMember(Order = 5)] string Description)
    {
        [YamlMember(Order = 1)]
        public string ApiVersion => "v2";

        [YamlMember(Order = 4)]
        public string KubeVersion => ">= 1.18.0-0";

        [YamlMember(Order = 6)]
        public string Type => "application";

        [YamlMember(Order = 7)]
        public IReadOnlyList<string> Keywords => ["aspire", "kubernetes"];

        [YamlMember(Order = 8)]
        public string AppVersion => Version;

        [YamlMember(Order = 9)]
        public bool Deprecated => false;
    }
}
