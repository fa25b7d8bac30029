using System.Text;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>What is secret is in Secrets only: in no ConfigMap, argument, literal environment value or annotation.</summary>
static class SecretChecks
{
    public static IEnumerable<string> Run(Manifests manifests) =>
    [
        .. from m in manifests.All
           from node in m.Root.Walk()
           where node.Node is string && !(m.Kind == "Secret" && IsData(node.Path))
           from secret in manifests.SecretValues
           where ((string)node.Node!).Contains(secret, StringComparison.Ordinal)
           select $"{m}: {node.Path} shows '{secret}'",
        .. from secret in manifests.SecretValues
           where !manifests.OfKind("Secret").Any(m => Values(m).Any(v => v.Contains(secret, StringComparison.Ordinal)))
           select $"'{secret}' is in no Secret",
    ];

    private static bool IsData(string path) =>
        path.StartsWith(".data.", StringComparison.Ordinal) || path.StartsWith(".stringData.", StringComparison.Ordinal);

    private static IEnumerable<string> Values(Manifest secret) => secret.Root.Map("stringData").Values.OfType<string>()
        .Concat(secret.Root.Map("data").Values.OfType<string>().Select(v => Encoding.UTF8.GetString(Convert.FromBase64String(v))));
}
