using System.Text.RegularExpressions;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>Names, labels and keys are such as a server takes, and no object is there twice.</summary>
static partial class NameChecks
{
    public static IEnumerable<string> Run(Manifests manifests) =>
    [
        .. manifests.All.SelectMany(m => OfObject(m).Select(p => $"{m}: {p}")),
        .. manifests.All.GroupBy(m => (m.ApiVersion, m.Kind, m.Namespace, m.Name)).Where(g => g.Count() > 1)
            .Select(g => $"{g.First()}: is there {g.Count()} times"),
    ];

    private static IEnumerable<string> OfObject(Manifest m)
    {
        // What is made of it adds to the name, and has to stay below 63 characters, too.
        var most = m.Kind switch { "ScaledObject" => 54, "ScaledJob" => 57, "CronJob" or "StatefulSet" => 52, _ => 63 };
        if (!Subdomain().IsMatch(m.Name)) yield return $"'{m.Name}' is no name";
        if (m.Name.Length > most) yield return $"the name has more than {most} characters";
        if (m.Kind == "Service" && !ServiceName().IsMatch(m.Name)) yield return $"'{m.Name}' is no name of a Service";
        if (m.Kind is "Secret" or "ConfigMap")
        {
            foreach (var key in m.Root.Map("data").Keys.Concat(m.Root.Map("stringData").Keys).Where(k => !Key().IsMatch(k) || k.Length > 253))
                yield return $"'{key}' is no key";
        }
        foreach (var (path, node) in m.Root.Walk())
        {
            if (path.EndsWith(".labels", StringComparison.Ordinal) || path.EndsWith(".matchLabels", StringComparison.Ordinal)
                || path.EndsWith(".nodeSelector", StringComparison.Ordinal))
            {
                foreach (var (name, value) in node.Map())
                {
                    if (!LabelName().IsMatch(name)) yield return $"{path}: '{name}' is no name of a label";
                    if (value is string text && (!LabelValue().IsMatch(text) || text.Length > 63)) yield return $"{path}: '{text}' is no value of a label";
                }
            }
            else if (Element(path, "containers") || Element(path, "initContainers") || Element(path, "volumes"))
            {
                if (!Label().IsMatch(node.Text("name") ?? "")) yield return $"{path}: '{node.Text("name")}' is no name";
            }
            else if (Element(path, "ports") && node.Text("name") is { } port && (port.Length > 15 || !Label().IsMatch(port)))
            {
                yield return $"{path}: '{port}' is no name of a port";
            }
            else if (Element(path, "env") && !EnvironmentName().IsMatch(node.Text("name") ?? ""))
            {
                yield return $"{path}: '{node.Text("name")}' is no name of a variable";
            }
        }
        foreach (var container in m.Root.Walk().Where(n => Element(n.Path, "containers")))
        {
            foreach (var twice in container.Node.List("env").GroupBy(e => e.Text("name")).Where(g => g.Count() > 1))
                yield return $"{container.Path}: sets {twice.Key} {twice.Count()} times";
        }
    }

    private static bool Element(string path, string list) =>
        path.EndsWith(']') && path.LastIndexOf('[') is var at && path[..at].EndsWith($".{list}", StringComparison.Ordinal);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+$")]
    private static partial Regex Key();

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*$")]
    private static partial Regex EnvironmentName();
}
