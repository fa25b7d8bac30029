using System.Globalization;
using System.Text.RegularExpressions;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>Quantities can be read, and no request is above its limit.</summary>
static partial class QuantityChecks
{
    private static readonly Dictionary<string, double> Suffixes = new()
    {
        [""] = 1, ["n"] = 1e-9, ["u"] = 1e-6, ["m"] = 1e-3, ["k"] = 1e3, ["M"] = 1e6, ["G"] = 1e9, ["T"] = 1e12, ["P"] = 1e15, ["E"] = 1e18,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    public static IEnumerable<string> Run(Manifests manifests) => manifests.All.SelectMany(m =>
        m.Root.Walk().SelectMany(n => OfNode(n.Path, n.Node)).Select(p => $"{m}: {p}"));

    /// <summary>The number that a quantity says; null where it says none.</summary>
    public static double? Read(object? quantity)
    {
        if (quantity is double number) return number;
        var match = Quantity().Match(quantity as string ?? "-");
        return match.Success && Suffixes.TryGetValue(match.Groups["suffix"].Value, out var factor)
            ? double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * factor
            : null;
    }

    private static IEnumerable<string> OfNode(string path, object? node)
    {
        if (path.EndsWith(".resources", StringComparison.Ordinal))
        {
            var (requests, limits) = (node.Map("requests"), node.Map("limits"));
            foreach (var (name, quantity) in requests.Concat(limits).Where(q => Read(q.Value) is null or < 0))
                yield return $"{path}: {name} '{quantity}' is no quantity";
            foreach (var (name, request) in requests.Where(r => limits.TryGetValue(r.Key, out var limit) && Read(r.Value) > Read(limit)))
                yield return $"{path}: {name} requests {request}, more than its limit";
            foreach (var (name, limit) in limits.Where(l => l.Key.Contains('/')))
            {
                if (Read(limit) is not { } whole || Math.Floor(whole) != whole) yield return $"{path}: {name} '{limit}' is no whole number";
                if (requests.TryGetValue(name, out var request) && Read(request) != Read(limit))
                    yield return $"{path}: {name} requests another number than its limit";
            }
        }
        else if ((path.EndsWith(".sizeLimit", StringComparison.Ordinal) || path.EndsWith(".persistence.storage", StringComparison.Ordinal))
            && Read(node) is null or <= 0)
        {
            yield return $"{path}: '{node}' is no quantity";
        }
    }

    [GeneratedRegex(@"^(?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<suffix>[A-Za-z]*)$")]
    private static partial Regex Quantity();
}
