namespace SdAspire.Chart.Tests.Helm;

/// <summary>What a cluster and the command line give a chart.</summary>
sealed record Release(string Name = "demo", string Namespace = "pictures")
{
    /// <summary>A part of what every cluster serves.</summary>
    public static readonly IReadOnlyList<string> OwnApiVersions =
        ["v1", "apps/v1", "batch/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1", "scheduling.k8s.io/v1", "storage.k8s.io/v1"];

    /// <summary>What the cluster serves beside Kubernetes' own.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>What a template may look up: nothing in <c>helm template</c>.</summary>
    public ICluster? Cluster { get; init; }
}

/// <summary>A chart in a folder, rendered as <c>helm template</c> does it; charts within charts are not in the subset.</summary>
sealed class HelmChart
{
    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, object?> _metadata;

    private HelmChart(
        string folder, IReadOnlyDictionary<string, object?> metadata, IReadOnlyDictionary<string, object?> defaults, ValuesSchema? schema) =>
        (_folder, _metadata, Defaults, Schema) = (folder, metadata, defaults, schema);

    public static async Task<HelmChart> LoadAsync(string folder)
    {
        var metadata = YamlValues.ParseMap(await File.ReadAllTextAsync(Path.Combine(folder, "Chart.yaml")));
        var defaults = YamlValues.ParseMap(await File.ReadAllTextAsync(Path.Combine(folder, "values.yaml")));
        var schema = Path.Combine(folder, "values.schema.json");
        return new HelmChart(folder, metadata, defaults,
            File.Exists(schema) ? await ValuesSchema.ParseAsync(await File.ReadAllTextAsync(schema)) : null);
    }

    public string Name => Metadata("name");

    public string Version => Metadata("version");

    public IReadOnlyDictionary<string, object?> Defaults { get; }

    public ValuesSchema? Schema { get; }

    /// <summary>The templates by their path within the chart, as <c>NAME/templates/…</c>.</summary>
    public IReadOnlyDictionary<string, string> Templates => Directory
        .EnumerateFiles(Path.Combine(_folder, "templates"), "*", SearchOption.AllDirectories)
        .ToDictionary(f => $"{Name}/{Path.GetRelativePath(_folder, f).Replace('\\', '/')}", File.ReadAllText);

    public Rendered Render(Release release, IReadOnlyList<IReadOnlyDictionary<string, object?>> values)
    {
        var given = values.Aggregate(new Dictionary<string, object?>(), YamlValues.Merge);
        var merged = YamlValues.Coalesce(Defaults, given);
        if (Schema?.Validate(merged) is { Count: > 0 } errors)
            throw new TemplateException($"The values don't meet the schema:\n{string.Join('\n', errors)}");
        var root = Root(release, merged);
        return new Rendered(Templates.OrderBy(t => t.Key, StringComparer.Ordinal)
            .Where(t => !Path.GetFileName(t.Key).StartsWith('_'))
            .Select(t => (t.Key, Evaluator.Run(t.Key, t.Value, root, release.Cluster)))
            .ToList());
    }

    /// <summary>The same with the values as YAML.</summary>
    public Rendered Render(Release release, params string[] values) => Render(release, [.. values.Select(YamlValues.ParseMap)]);

    private Dictionary<string, object?> Root(Release release, Dictionary<string, object?> values) => new()
    {
        ["Values"] = values,
        ["Release"] = new Dictionary<string, object?>
        {
            ["Name"] = release.Name,
            ["Namespace"] = release.Namespace,
            ["Service"] = "Helm",
            ["IsInstall"] = true,
            ["IsUpgrade"] = false,
            ["Revision"] = 1L,
        },
        ["Chart"] = new GoStruct("chart.Metadata", new Dictionary<string, object?>
        {
            ["Name"] = Name,
            ["Version"] = Version,
            ["AppVersion"] = Metadata("appVersion"),
            ["Description"] = Metadata("description"),
        }),
        ["Capabilities"] = new GoStruct("*common.Capabilities", new Dictionary<string, object?>
        {
            ["APIVersions"] = new ApiVersions([.. Release.OwnApiVersions, .. release.ApiVersions]),
        }),
    };

    private string Metadata(string key) => _metadata.GetValueOrDefault(key) as string ?? "";
}
