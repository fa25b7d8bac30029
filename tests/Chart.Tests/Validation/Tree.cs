namespace SdAspire.Chart.Tests.Validation;

/// <summary>Ways through parsed YAML: what is not there is null or empty.</summary>
static class Tree
{
    public static object? At(this object? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path) node = node is IReadOnlyDictionary<string, object?> map ? map.GetValueOrDefault(key) : null;
        return node;
    }

    public static string? Text(this object? node, params ReadOnlySpan<string> path) => node.At(path) as string;

    public static IReadOnlyList<object?> List(this object? node, params ReadOnlySpan<string> path) =>
        node.At(path) as IReadOnlyList<object?> ?? [];

    public static IReadOnlyDictionary<string, object?> Map(this object? node, params ReadOnlySpan<string> path) =>
        node.At(path) as IReadOnlyDictionary<string, object?> ?? new Dictionary<string, object?>();

    /// <summary>The node and all below, with their paths.</summary>
    public static IEnumerable<(string Path, object? Node)> Walk(this object? node, string path = "") => node switch
    {
        IReadOnlyDictionary<string, object?> map => map.SelectMany(p => p.Value.Walk($"{path}.{p.Key}")).Prepend((path, node)),
        IReadOnlyList<object?> list => list.SelectMany((item, i) => item.Walk($"{path}[{i}]")).Prepend((path, node)),
        _ => [(path, node)],
    };
}
