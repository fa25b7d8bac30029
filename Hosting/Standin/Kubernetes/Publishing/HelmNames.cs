namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>What things are called in a chart.</summary>
static class HelmNames
{
    public const string Parameters = "parameters";
    public const string Secrets = "secrets";
    public const string Config = "config";

    // Object names are in lower case.
    public static string Deployment(string resource) => $"{resource.ToLowerInvariant()}-deployment";

    public static string StatefulSet(string resource) => $"{resource.ToLowerInvariant()}-statefulset";

    public static string Service(string resource) => $"{resource.ToLowerInvariant()}-service";

    public static string ConfigMap(string resource) => $"{resource.ToLowerInvariant()}-config";

    public static string Secret(string resource) => $"{resource.ToLowerInvariant()}-secrets";

    public static string Claim(string resource, string volume) => $"{resource.ToLowerInvariant()}-{volume}-pvc";

    public static string Chart(string application) => application.ToLowerInvariant().Replace('_', '-').Replace('.', '-');

    /// <summary>A key of values.yaml, which a template can name only without hyphens.</summary>
    public static string Key(string name) => name.Replace('-', '_');

    /// <summary>Refers to a value.</summary>
    public static string Value(string section, string resource, string key) =>
        HelmExpression.Of(Key($".Values.{section}.{resource}.{key}"));
}
