using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>
/// Kubernetes' own objects against their .NET types: every field is known, and has the type that an API server asks for.
/// A lenient reader takes <c>value: 8080</c> for text; a server does not.
/// </summary>
static class TypedObjects
{
    private static readonly Dictionary<string, Type> Kinds = typeof(V1Pod).Assembly.GetTypes()
        .Select(type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(t => t.Entity is not null && typeof(IKubernetesObject<V1ObjectMeta>).IsAssignableFrom(t.Type))
        .DistinctBy(t => Key(t.Entity!))
        .ToDictionary(t => Key(t.Entity!), t => t.Type);

    private static readonly MethodInfo StrictReader = typeof(KubernetesYaml).GetMethods()
        .Single(m => m.Name == nameof(KubernetesYaml.Deserialize) && m.GetParameters() is [{ ParameterType: var first }, ..]
            && first == typeof(string));

    public static Type? TypeOf(Manifest m) => Kinds.GetValueOrDefault($"{m.ApiVersion}/{m.Kind}");

    /// <summary>What the official client says that reads it strictly; null where it can.</summary>
    public static string? Unreadable(Type type, string yaml)
    {
        try
        {
            StrictReader.MakeGenericMethod(type).Invoke(null, [yaml, true]);
            return null;
        }
        catch (TargetInvocationException e)
        {
            return (e.InnerException ?? e).Message;
        }
    }

    public static IEnumerable<string> Problems(Type type, object? node, string path = "")
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (node is null || type == typeof(object)) return [];
        if (type == typeof(string) || type == typeof(byte[])) return Expect<string>(node, path, "text");
        if (type == typeof(bool)) return Expect<bool>(node, path, "true or false");
        if (type == typeof(int) || type == typeof(long)) return node is double d && Math.Floor(d) == d ? [] : [$"{path}: no integer"];
        if (type == typeof(double)) return Expect<double>(node, path, "a number");
        if (type == typeof(IntOrString) || type == typeof(ResourceQuantity)) return node is string or double ? [] : [$"{path}: no text or number"];
        if (type == typeof(DateTime)) return Expect<string>(node, path, "text");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return node is not IReadOnlyDictionary<string, object?> map
                ? [$"{path}: no map"]
                : map.SelectMany(p => Problems(type.GetGenericArguments()[1], p.Value, $"{path}.{p.Key}"));
        }
        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            return node is not IReadOnlyList<object?> list
                ? [$"{path}: no list"]
                : list.SelectMany((item, i) => Problems(type.GetGenericArguments()[0], item, $"{path}[{i}]"));
        }
        return node is IReadOnlyDictionary<string, object?> fields ? Fields(type, fields, path) : [$"{path}: no object"];
    }

    private static IEnumerable<string> Fields(Type type, IReadOnlyDictionary<string, object?> fields, string path)
    {
        var known = type.GetProperties()
            .Select(p => (p.PropertyType, p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name))
            .Where(p => p.Name is not null)
            .ToDictionary(p => p.Name!, p => p.PropertyType);
        return fields.SelectMany(f => known.TryGetValue(f.Key, out var field)
            ? Problems(field, f.Value, $"{path}.{f.Key}")
            : [$"{path}.{f.Key}: unknown field of {type.Name}"]);
    }

    private static IEnumerable<string> Expect<T>(object node, string path, string what) => node is T ? [] : [$"{path}: not {what}"];

    private static string Key(KubernetesEntityAttribute entity) =>
        entity.Group.Length == 0 ? $"{entity.ApiVersion}/{entity.Kind}" : $"{entity.Group}/{entity.ApiVersion}/{entity.Kind}";
}
