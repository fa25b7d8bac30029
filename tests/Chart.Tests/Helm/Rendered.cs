using System.Text.RegularExpressions;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>What the templates gave, file by file.</summary>
sealed partial record Rendered(IReadOnlyList<(string Path, string Text)> Files)
{
    private const string NotesFile = "NOTES.txt";

    private static readonly string[] InstallOrder =
    [
        "PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
        "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim",
        "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList",
        "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment",
        "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
    ];

    /// <summary>What Helm says once it has installed the chart.</summary>
    public string Notes => Files.FirstOrDefault(f => f.Path.EndsWith(NotesFile, StringComparison.Ordinal)).Text ?? "";

    /// <summary>The documents in the order in which Helm installs them, each with the template that it came from.</summary>
    public IReadOnlyList<(string Source, string Text)> Documents => [.. Files
        .Where(f => !f.Path.EndsWith(NotesFile, StringComparison.Ordinal))
        .OrderBy(f => f.Path, StringComparer.Ordinal)
        .SelectMany(f => Separator().Split(f.Text.TrimStart()).Where(d => d.Trim().Length > 0).Select(d => (f.Path, d.TrimStart())))
        .OrderBy(d => Rank(Kind(d.Item2)))
        .ThenBy(d => Rank(Kind(d.Item2)) < InstallOrder.Length ? "" : Kind(d.Item2), StringComparer.Ordinal)];

    /// <summary>What <c>helm template</c> prints.</summary>
    public string Print() => string.Concat(Documents.Select(d => $"---\n# Source: {d.Source}\n{d.Text}\n")).Trim() + "\n";

    private static int Rank(string kind) => Array.IndexOf(InstallOrder, kind) is var rank and >= 0 ? rank : InstallOrder.Length;

    private static string Kind(string document) =>
        YamlValues.Parse(document) is IReadOnlyDictionary<string, object?> map ? map.GetValueOrDefault("kind") as string ?? "" : "";

    [GeneratedRegex(@"(?m)^---[ \t]*")]
    private static partial Regex Separator();
}
