using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>
/// How a queue job is in a chart. A job may have several classes, each an entry below <see cref="ValuesSection"/> in values.yaml
/// with a queue, scaling settings and a kind of node of its own; whoever installs the chart may add more of them.
/// Expressions are of Helm's template language; <c>$name</c> is the class's name in them, <c>$job</c> its values.
/// </summary>
public sealed partial record JobChartOptions
{
    internal const string ClassPattern = "^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The section of values.yaml that has the classes; of a job <c>worker</c> it is <c>worker_jobs</c> by default.</summary>
    public string ValuesSection { get; set; } = "";

    /// <summary>The class that values.yaml has from the start: a DNS label, since its objects are named after it.</summary>
    public string Class { get; set; } = "default";

    /// <summary>More values of a class, as commented YAML: they come first.</summary>
    public string ClassValues { get; set; } = "";

    /// <summary>What these values may be: the properties of a JSON schema's object, by name.</summary>
    public string ClassSchema { get; set; } = "{}";

    /// <summary>Environment variables that depend on the class: name and expression.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the first class is a long-lived one at first: a Deployment with a ScaledObject instead of a ScaledJob.</summary>
    public bool Continuous { get; set; }

    /// <summary>Only for continuous classes: seconds without messages until the last pod is stopped. KEDA's default is 300.</summary>
    public int CooldownPeriod { get; set; } = 300;

    /// <summary>Seconds between SIGTERM and SIGKILL; 30 is Kubernetes' default.</summary>
    public int TerminationGracePeriodSeconds { get; set; } = 30;

    /// <summary>How a pod gets a GPU.</summary>
    public GpuMode Gpu { get; set; }

    /// <summary>The CPU that a pod is sure to have, as a quantity of Kubernetes.</summary>
    public string Cpu { get; set; } = "500m";

    /// <summary>The memory that a pod is sure to have, as a quantity of Kubernetes.</summary>
    public string Memory { get; set; } = "512Mi";

    /// <summary>The memory above which a pod is killed, as a quantity of Kubernetes.</summary>
    public string MemoryLimit { get; set; } = "2Gi";

    /// <summary>Where the volume of a class is mounted, if it has one: an absolute path, or an expression of it.</summary>
    public string MountPath { get; set; } = "/data";

    /// <summary>An argument with which the program ends at once: what runs where an image is only pulled.</summary>
    public string PrepullArgument { get; set; } = "--version";

    /// <summary>One sentence for each setting that is outside its range.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Gpu)) yield return $"gpu.mode is {Gpu}, it must be none, exclusive or shared.";
        if (CooldownPeriod < 0) yield return $"cooldownPeriod is {CooldownPeriod}, it must be at least 0.";
        if (TerminationGracePeriodSeconds < 0)
            yield return $"terminationGracePeriodSeconds is {TerminationGracePeriodSeconds}, it must be at least 0.";
        if (!ClassName().IsMatch(Class))
            yield return
                $"'{Class}' cannot be a class's name: it must be lower-case letters and digits, at most 40, with dashes between.";
        if (!SectionName().IsMatch(ValuesSection))
            yield return
                $"'{ValuesSection}' cannot be a section of values.yaml: it must be letters, digits and _, and begin with no digit.";
        else if (ValuesSection is "parameters" or "secrets" or "config" or "global")
            yield return $"'{ValuesSection}' cannot be the section of the classes: it has another meaning.";
        if (!MountPath.Contains("{{", StringComparison.Ordinal) && !AbsolutePath().IsMatch(MountPath))
            yield return $"mountPath is '{MountPath}', it must be an absolute path or an expression of one.";
        if (WrongSchema() is { } wrong) yield return $"classSchema must be a JSON object, a schema for each value: {wrong}";
    }

    private string? WrongSchema()
    {
        try
        {
            if (JsonNode.Parse(ClassSchema, documentOptions: Strict) is not JsonObject schemas) return "it is something else.";
            foreach (var (name, schema) in schemas)
                if (schema?.GetValueKind() is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
                    return $"that of '{name}' is none.";
            return null;
        }
        catch (JsonException e)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?\z")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex SectionName();

    // What Kubernetes mounts to, less what would end a quoted text.
    [GeneratedRegex(@"^/[^:""\\\p{Cc}]*\z")]
    private static partial Regex AbsolutePath();
}
