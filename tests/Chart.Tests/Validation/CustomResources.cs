using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;
using SdAspire.Chart.Tests.Helm;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>
/// Schemas of what is not Kubernetes' own: KEDA's from its own definitions, which lie beside the repository or where
/// <c>SD_KEDA_CRDS</c> says; others from <c>Schemas/</c>.
/// </summary>
sealed class CustomResources
{
    private static readonly Lazy<Task<CustomResources>> Known = new(LoadKnownAsync);

    private readonly Dictionary<string, JsonSchema> _schemas = [];

    public static string KedaFolder { get; } = Environment.GetEnvironmentVariable("SD_KEDA_CRDS") is { Length: > 0 } other
        ? other
        : Path.Combine(Repository.Root, "..", "shared", "reference", "keda");

    public static bool HasKeda => Directory.Exists(KedaFolder);

    public static Task<CustomResources> LoadAsync() => Known.Value;

    /// <summary>Whether nothing can be said of the object because KEDA's definitions are not there.</summary>
    public static bool IsUncheckable(Manifest m) => !HasKeda && m.ApiVersion == "keda.sh/v1alpha1";

    public bool Knows(Manifest m) => _schemas.ContainsKey(Key(m));

    public IEnumerable<string> Validate(Manifest m) =>
        _schemas[Key(m)].Validate(ValuesSchema.ToJson(WithoutNulls(m.Root))).SelectMany(Flatten).Distinct();

    /// <summary>A server leaves out a property that is null.</summary>
    private static object? WithoutNulls(object? node) => node switch
    {
        IReadOnlyDictionary<string, object?> map =>
            map.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => WithoutNulls(p.Value)),
        IReadOnlyList<object?> list => list.Select(WithoutNulls).ToList(),
        _ => node,
    };

    private static async Task<CustomResources> LoadKnownAsync()
    {
        var known = new CustomResources();
        var own = Path.Combine(Repository.Root, "tests", "Chart.Tests", "Validation", "Schemas");
        await known.AddOwnAsync(own, "karpenter.sh/v1", "NodePool");
        await known.AddOwnAsync(own, "karpenter.k8s.aws/v1", "EC2NodeClass");
        await known.AddOwnAsync(own, "monitoring.coreos.com/v1", "PodMonitor");
        await known.AddOwnAsync(own, "rabbitmq.com/v1beta1", "RabbitmqCluster");
        foreach (var file in HasKeda ? Directory.EnumerateFiles(KedaFolder, "*.yaml") : [])
            await known.AddDefinitionAsync(await File.ReadAllTextAsync(file));
        return known;
    }

    private async Task AddDefinitionAsync(string yaml)
    {
        var definition = YamlValues.Parse(yaml);
        foreach (var version in definition.List("spec", "versions"))
        {
            var key = $"{definition.Text("spec", "group")}/{version.Text("name")}/{definition.Text("spec", "names", "kind")}";
            _schemas[key] = await CompileAsync(version.At("schema", "openAPIV3Schema"));
        }
    }

    private async Task AddOwnAsync(string folder, string apiVersion, string kind)
    {
        var text = new Dictionary<string, object?> { ["type"] = "string" };
        var properties = YamlValues.ParseMap(await File.ReadAllTextAsync(Path.Combine(folder, $"{kind}.yaml")));
        (properties["apiVersion"], properties["kind"]) = (text, text);
        properties["metadata"] = new Dictionary<string, object?> { ["type"] = "object" };
        _schemas[$"{apiVersion}/{kind}"] = await CompileAsync(new Dictionary<string, object?>
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new List<object?> { "spec" },
        });
    }

    private static Task<JsonSchema> CompileAsync(object? schema) => JsonSchema.FromJsonAsync(Strict(schema).ToString());

    /// <summary>A server drops what it does not know; here it is an error.</summary>
    private static JToken Strict(object? schema)
    {
        if (schema is not IReadOnlyDictionary<string, object?> map) return ValuesSchema.ToJson(schema);
        var strict = new JObject();
        if (map.ContainsKey("x-kubernetes-int-or-string"))
        {
            strict["type"] = new JArray("integer", "string");
            if (map.TryGetValue("pattern", out var pattern)) strict["pattern"] = ValuesSchema.ToJson(pattern);
            return strict;
        }
        foreach (var (key, value) in map)
        {
            if (key is "description" or "default" || key.StartsWith("x-", StringComparison.Ordinal)) continue;
            strict[key] = key switch
            {
                "properties" => new JObject(((IReadOnlyDictionary<string, object?>)value!).Select(p => new JProperty(p.Key, Strict(p.Value)))),
                "items" or "additionalProperties" or "not" => Strict(value),
                "allOf" or "anyOf" or "oneOf" => new JArray(((IReadOnlyList<object?>)value!).Select(Strict)),
                _ => ValuesSchema.ToJson(value),
            };
        }
        if (map.ContainsKey("properties") && !map.ContainsKey("additionalProperties")
            && !map.ContainsKey("x-kubernetes-preserve-unknown-fields")) strict["additionalProperties"] = false;
        return strict;
    }

    private static IEnumerable<string> Flatten(ValidationError error)
    {
        var inner = error is ChildSchemaValidationError children
            ? children.Errors.SelectMany(e => e.Value).SelectMany(Flatten).ToList()
            : [];
        return inner.Count > 0 ? inner : [$"{error.Path?.TrimStart('#', '/')}: {error.Kind}"];
    }

    private static string Key(Manifest m) => $"{m.ApiVersion}/{m.Kind}";
}
