using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>
/// Puts a ScaledJob, or a Deployment and a ScaledObject, in the place of a project's Deployment, once for each of its classes.
/// The pod is the one that Aspire wrote; what a class adds to it is below <c>Chart/job/pod</c>.
/// </summary>
static partial class JobTemplates
{
    private static readonly EmbeddedChart Job = EmbeddedChart.Of("job");

    public static void Apply(HelmChart chart, string name, ScaledJobAnnotation job)
    {
        var deployment = $"templates/{name}/deployment.yaml";
        if (!chart.TemplatesOf(name).Contains(deployment))
            throw new DistributedApplicationException($"The queue job '{name}' cannot be published: the chart has no Deployment of it.");
        var image = Image().Match(chart[deployment]) is { Success: true } match
            ? $"${match.Groups[1].Value}"
            : throw new DistributedApplicationException($"The image of the queue job '{name}' is no value of the chart.");
        var tokens = new Dictionary<string, string>
        {
            ["job"] = name,
            ["classes"] = job.Chart.ValuesSection,
            ["image"] = image,
            ["mountPath"] = job.Chart.MountPath,
            ["noop"] = Quoted(job.Chart.PrepullArgument),
            ["secret"] = $"{name}-rabbitmq",
            ["uri"] = "uri",
            ["management"] = "managementUri",
        };
        if (job.Broker.Annotations.OfType<BrokerSecretAnnotation>().LastOrDefault() is { } secret)
            (tokens["secret"], tokens["uri"], tokens["management"]) =
                (Expression(secret.Secret), secret.UriKey, secret.ManagementUriKey);
        else
            Add("rabbitmq", new()
            {
                ["uri"] = BrokerAddress.InCluster(job.Broker), ["management"] = BrokerAddress.ManagementInCluster(job.Broker),
            });

        Add("triggerauthentication", []);
        Add("checks", []);
        var pod = Pod(chart[deployment], name, job.Chart, image, tokens);
        Add("scaledjob", new() { ["pod"] = TemplateText.Indent(pod, 6) });
        Add("scaledobject", new() { ["pod"] = TemplateText.Indent(pod, 4) });
        Add("prepull", new() { ["scheduling"] = TemplateText.Indent(Job.Read("pod/scheduling.yaml"), 6) });
        chart.Remove(deployment);
        AddValues(chart, job, image);

        void Add(string file, Dictionary<string, string> more) =>
            chart[$"templates/{name}/{file}.yaml"] =
                Job.Read($"{file}.yaml", new Dictionary<string, string>([.. more, .. tokens.ExceptBy(more.Keys, token => token.Key)]));
    }

    private static string Pod(string deployment, string name, JobChartOptions options, string image, Dictionary<string, string> tokens)
    {
        var pod = TemplateText.FromRoot(TemplateText.Block(deployment, "spec.template"));
        pod = Image().Replace(pod, $"image: {{{{ $job.image | default {image} | quote }}}}");
        pod = TemplateText.Append(pod, "metadata.labels", "job-class: {{ $name | quote }}");
        pod = TemplateText.AppendItems(pod, "metadata", "annotations", Part("annotations"));
        pod = TemplateText.Append(pod, "spec", Part("spec") + Part("scheduling"));
        var container = $"spec.containers[{name}]";
        pod = TemplateText.Append(pod, container, Part("container"));
        var variables = options.Environment.Select(
            variable => $"- name: {Quoted(variable.Key)}\n  value: {Expression(variable.Value)}\n");
        pod = TemplateText.AppendItems(pod, container, "env", string.Concat(variables) + Part("env"));
        pod = TemplateText.AppendItems(pod, container, "volumeMounts", Part("volumemounts"));
        return TemplateText.AppendItems(pod, "spec", "volumes", Part("volumes"));

        string Part(string part) => Job.Read($"pod/{part}.yaml", tokens);
    }

    private static void AddValues(HelmChart chart, ScaledJobAnnotation job, string image)
    {
        var (settings, options) = (job.Settings, job.Chart);
        var strategy = settings.ScalingStrategy;
        var values = Job.Read("values.yaml", new Dictionary<string, string>
        {
            ["image"] = image["$.Values.".Length..],
            ["queue"] = Quoted(job.QueueName),
            ["continuous"] = options.Continuous ? "true" : "false",
            ["pollingInterval"] = Text(settings.PollingInterval),
            ["minReplicaCount"] = Text(settings.MinReplicaCount),
            ["maxReplicaCount"] = Text(settings.MaxReplicaCount),
            ["value"] = Text(settings.Trigger.Value),
            ["activationValue"] = Text(settings.Trigger.ActivationValue),
            ["strategy"] = strategy.Strategy.ToString().ToLowerInvariant(),
            ["deduction"] = Text(strategy.CustomScalingQueueLengthDeduction ?? 0),
            ["percentage"] = Quoted(strategy.CustomScalingRunningJobPercentage is { } share ? Text(share) : ""),
            ["conditions"] = $"[{string.Join(", ", strategy.PendingPodConditions.Select(Quoted))}]",
            ["successfulJobsHistoryLimit"] = Text(settings.SuccessfulJobsHistoryLimit),
            ["failedJobsHistoryLimit"] = Text(settings.FailedJobsHistoryLimit),
            ["ttl"] = Text(settings.TtlSecondsAfterFinished),
            ["deadline"] = Text(settings.ActiveDeadlineSeconds),
            ["paused"] = settings.Paused ? "true" : "false",
            ["cooldownPeriod"] = Text(options.CooldownPeriod),
            ["grace"] = Text(options.TerminationGracePeriodSeconds),
            ["gpuMode"] = options.Gpu.ToString().ToLowerInvariant(),
            ["cpu"] = Quoted(options.Cpu),
            ["memory"] = Quoted(options.Memory),
            ["memoryLimit"] = Quoted(options.MemoryLimit),
        });
        var entry = TemplateText.Indent(Lines(options.ClassValues) + values, 2);
        chart.AddValues($"""
            # Classes of jobs, each with its queue, its scaling and its kind of node; objects are named after it.
            {options.ValuesSection}:
              {Quoted(options.Class)}:
            {TemplateText.Indent(entry, 2)}
            """);

        var schema = (JsonObject)JsonNode.Parse(Job.Read("values.schema.json"))!;
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(options.ClassSchema)!)
            schema["properties"]![name] = value?.DeepClone();
        // An entry inherits from no other: what it lacks is named.
        schema["required"] = new JsonArray([.. ((JsonObject)schema["properties"]!).Select(property => JsonValue.Create(property.Key))]);
        chart.AddSchema(new()
        {
            ["properties"] = new JsonObject
            {
                [options.ValuesSection] = new JsonObject
                {
                    ["type"] = "object",
                    ["propertyNames"] = new JsonObject { ["pattern"] = JobChartOptions.ClassPattern },
                    ["additionalProperties"] = schema,
                },
            },
        });
    }

    private static string Text<T>(T number) where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Lines(string text) => text.TrimEnd('\n') is { Length: > 0 } lines ? lines + "\n" : "";

    /// <summary>As text in YAML, whatever it looks like.</summary>
    private static string Quoted(string text) => $"\"{string.Concat(text.Select(Escaped))}\"";

    private static string Escaped(char character) => character switch
    {
        '"' or '\\' => $"\\{character}",
        _ when char.IsControl(character) => $"\\u{(int)character:x4}",
        _ => character.ToString(),
    };

    /// <summary>As text in YAML when it is rendered: the quotes of an expression are Helm's.</summary>
    private static string Expression(string text) => $"\"{text}\"";

    [GeneratedRegex("""image: "\{\{ \$?(\.Values\.[\w.]+) \}\}"(?=\n)""")]
    private static partial Regex Image();
}
