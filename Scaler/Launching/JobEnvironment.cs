using System.Collections;
using Microsoft.Extensions.Options;

namespace SdAspire.Scaler.Launching;

/// <summary>
/// The environment of a worker: what any process on this machine needs, then <c>Scaler:Job:Environment</c>, then what tells
/// this worker from the others. Nothing else is inherited, so the launcher's own settings never leak into a job.
/// </summary>
public sealed class JobEnvironment(IConfiguration configuration, IOptions<ScalerOptions> options)
{
    public const string Section = "Scaler:Job:Environment";
    public const string ReadinessFile = "Worker__ReadinessFile";
    public const string WorkerName = "Worker__Name";
    private const string WaitSeconds = "Worker__WaitSeconds";
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";
    private const string VisibleDevices = "CUDA_VISIBLE_DEVICES";
    private const string InstanceId = "service.instance.id";

    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "LD_LIBRARY_PATH",
        "SSL_CERT_DIR", "SSL_CERT_FILE", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_HOST_PATH", "DOTNET_ENVIRONMENT",
    ];
    private static readonly string[] InheritedPrefixes = ["LC_", "CUDA_", "NVIDIA_"];

    private readonly IReadOnlyDictionary<string, string> _common = Common(configuration, options.Value);

    public IReadOnlyDictionary<string, string> For(string name, string readinessFile, string? devices)
    {
        var all = new Dictionary<string, string>(_common)
        {
            ["OTEL_SERVICE_NAME"] = "worker",
            [WorkerName] = name,
            [ReadinessFile] = readinessFile,
        };
        if (devices is not null)
            all[VisibleDevices] = devices;
        var attributes = all.GetValueOrDefault(ResourceAttributes, "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(attribute => !attribute.StartsWith(InstanceId + "=", StringComparison.Ordinal));
        all[ResourceAttributes] = string.Join(',', attributes.Append($"{InstanceId}={name}"));
        return all;
    }

    private static Dictionary<string, string> Common(IConfiguration configuration, ScalerOptions options)
    {
        var all = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (Inherited.Contains(name) || InheritedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                all[name] = (string?)variable.Value ?? "";
        }
        // Workers that exist without a message wait for one; otherwise they would come and go.
        if (options.MinReplicaCount > 0)
            all[WaitSeconds] = "-1";
        // Configuration has read A__B as A:B.
        foreach (var (key, value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (value is not null && key.Length > 0)
                all[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        return all;
    }
}
