using SdAspire.Chart.Tests.Helm;
using YamlDotNet.RepresentationModel;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>One object that a chart gives to a cluster.</summary>
sealed record Manifest(string Source, string Text, YamlNode Yaml, object? Root)
{
    public string ApiVersion => Root.Text("apiVersion") ?? "";

    public string Kind => Root.Text("kind") ?? "";

    public string Name => Root.Text("metadata", "name") ?? "";

    public string Namespace => Root.Text("metadata", "namespace") ?? "";

    public object? Spec => Root.At("spec");

    public override string ToString() => $"{Kind}/{Name}";

    public static Manifest Parse(string source, string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        if (stream.Documents.Count != 1) throw new TemplateException($"{source}: {stream.Documents.Count} documents in one");
        return new Manifest(source, text, stream.Documents[0].RootNode, YamlValues.Convert(stream.Documents[0].RootNode));
    }
}

/// <summary>What a workload makes pods of.</summary>
sealed record PodTemplate(Manifest Owner, IReadOnlyDictionary<string, string> Labels, object? Spec)
{
    public IReadOnlyList<object?> Containers => [.. Spec.List("containers"), .. Spec.List("initContainers")];

    public IEnumerable<(string? Name, int Number)> Ports => Containers.SelectMany(PortsOf);

    public bool Opens(object? port) => Containers.Any(container => Opens(container, port));

    public static bool Opens(object? container, object? port) => PortsOf(container).Any(p => port switch
    {
        string name => p.Name == name,
        double number => p.Number == number,
        _ => false,
    });

    public override string ToString() => $"{Owner}";

    private static IEnumerable<(string? Name, int Number)> PortsOf(object? container) =>
        container.List("ports").Select(p => (p.Text("name"), p.At("containerPort") is double number ? (int)number : 0));
}

/// <summary>All that a chart gives to a cluster, and what is known to be there already.</summary>
sealed class Manifests
{
    private Manifests(IReadOnlyList<Manifest> all) => All = all;

    public IReadOnlyList<Manifest> All { get; }

    /// <summary>Secrets that are made by somebody else, with their keys.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> OtherSecrets { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Claims that are made by somebody else.</summary>
    public IReadOnlyList<string> OtherClaims { get; init; } = [];

    /// <summary>What must not be read anywhere but in a Secret.</summary>
    public IReadOnlyList<string> SecretValues { get; init; } = [];

    public string ChartVersion { get; init; } = "";

    public IReadOnlyList<PodTemplate> Pods => [.. All.SelectMany(PodsOf)];

    public static Manifests Of(Rendered rendered) => new([.. rendered.Documents.Select(d => Manifest.Parse(d.Source, d.Text))]);

    public Manifests Knowing(
        IReadOnlyDictionary<string, IReadOnlyList<string>>? secrets = null, IReadOnlyList<string>? claims = null,
        IReadOnlyList<string>? secretValues = null, string chartVersion = "") => new(All)
        {
            OtherSecrets = secrets ?? OtherSecrets,
            OtherClaims = claims ?? OtherClaims,
            SecretValues = secretValues ?? SecretValues,
            ChartVersion = chartVersion,
        };

    public IEnumerable<Manifest> OfKind(params IReadOnlyList<string> kinds) => All.Where(m => kinds.Contains(m.Kind));

    public Manifest? Find(string kind, string? name) => All.FirstOrDefault(m => m.Kind == kind && m.Name == name);

    private static IEnumerable<PodTemplate> PodsOf(Manifest m) => m.Kind switch
    {
        "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "Job" => [Pod(m, m.Spec.At("template"))],
        "CronJob" => [Pod(m, m.Spec.At("jobTemplate", "spec", "template"))],
        "ScaledJob" => [Pod(m, m.Spec.At("jobTargetRef", "template"))],
        "Pod" => [Pod(m, m.Root)],
        "RabbitmqCluster" => [Operators.RabbitmqPod(m)],
        _ => [],
    };

    private static PodTemplate Pod(Manifest owner, object? template) => new(
        owner,
        template.Map("metadata", "labels").ToDictionary(l => l.Key, l => l.Value as string ?? ""),
        template.At("spec"));
}
