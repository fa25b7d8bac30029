using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>
/// The functions of the subset: Go's <c>eq gt index not and or printf</c>, Sprig's <c>default quote int list sha256sum
/// toString</c>, and Helm's <c>fail toJson</c>. Helm's <c>lookup</c> is the evaluator's, because it asks the cluster.
/// </summary>
static class Functions
{
    private static readonly Dictionary<string, (int Least, int Most, Func<IReadOnlyList<object?>, object?> Call)> All = new()
    {
        // and, or: the evaluator stops at the argument that decides.
        ["and"] = (1, int.MaxValue, args => args[^1]),
        ["or"] = (1, int.MaxValue, args => args[^1]),
        ["not"] = (1, 1, args => !GoValues.IsTrue(args[0])),
        ["eq"] = (1, int.MaxValue, Equal),
        ["gt"] = (2, 2, args => GoValues.IsGreater(args[0], args[1])),
        ["index"] = (1, int.MaxValue, Index),
        ["printf"] = (1, int.MaxValue, args => Format(Text(args[0]), new Queue<object?>(args.Skip(1)))),
        ["lookup"] = (4, 4, args => throw new InvalidOperationException("lookup needs a cluster")),
        ["default"] = (1, int.MaxValue, args => args.Count > 1 && GoValues.IsTrue(args[1]) ? args[1] : args[0]),
        ["quote"] = (0, int.MaxValue, args =>
            string.Join(' ', args.Where(a => a is not null).Select(a => GoValues.Quote(GoValues.Print(a))))),
        ["toString"] = (1, 1, args => GoValues.Print(args[0])),
        ["int"] = (1, 1, args => ToInt(args[0])),
        ["list"] = (0, int.MaxValue, args => args),
        ["toJson"] = (1, 1, args => Json(args[0])),
        ["sha256sum"] = (1, 1, args => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(args[0]))))),
        ["fail"] = (1, 1, args => throw new InvalidOperationException($"error calling fail: {Text(args[0])}")),
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    public static bool IsLazy(string name) => name is "and" or "or";

    public static object? Call(string name, IReadOnlyList<object?> args)
    {
        var (least, most, call) = All[name];
        CheckCount(name, args.Count, least, most);
        return call([.. args.Select(a => a is NilInterface ? null : a)]);
    }

    public static void CheckCount(string name, int count, int least, int most)
    {
        if (count < least || count > most)
        {
            var wanted = least == most ? $"{least}" : $"at least {least}";
            throw new InvalidOperationException($"wrong number of args for {name}: want {wanted} got {count}");
        }
    }

    /// <summary>A parameter of Go's type string takes nothing else.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        _ => throw new InvalidOperationException($"wrong type for value; expected string; got {GoValues.TypeOf(value)}"),
    };

    // As Go writes it: keys in order, and what means something in HTML escaped.
    private static string Json(object? value) => value switch
    {
        IReadOnlyDictionary<string, object?> map => "{" + string.Join(
            ',', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Json(p.Key)}:{Json(p.Value)}")) + "}",
        IReadOnlyList<object?> list => $"[{string.Join(',', list.Select(Json))}]",
        NilInterface => "null",
        _ => JsonSerializer.Serialize(value, Go)
            .Replace("<", "\\u003c", StringComparison.Ordinal)
            .Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal),
    };

    private static readonly JsonSerializerOptions Go = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static object? Equal(IReadOnlyList<object?> args)
    {
        if (args.Count < 2) throw new InvalidOperationException("error calling eq: missing argument for comparison");
        return args.Skip(1).Any(other => GoValues.AreEqual(args[0], other));
    }

    private static object? Index(IReadOnlyList<object?> args)
    {
        var value = args[0] ?? throw new InvalidOperationException("error calling index: index of untyped nil");
        foreach (var key in args.Skip(1))
        {
            value = (value, key) switch
            {
                (IReadOnlyDictionary<string, object?> map, string name) => map.GetValueOrDefault(name),
                (IReadOnlyList<object?> list, long at) when at >= 0 && at < list.Count => list[(int)at],
                (IReadOnlyList<object?>, long at) => throw new InvalidOperationException($"error calling index: index out of range: {at}"),
                (null, _) => throw new InvalidOperationException("error calling index: index of nil pointer"),
                (IReadOnlyDictionary<string, object?> or IReadOnlyList<object?>, _) =>
                    throw new InvalidOperationException($"error calling index: cannot index with {GoValues.TypeOf(key)}"),
                _ => throw new InvalidOperationException($"error calling index: can't index item of type {GoValues.TypeOf(value)}"),
            };
        }
        return value;
    }

    /// <summary>fmt.Sprintf with %s of strings, %d of integers, %q and %v; a verb that does not fit its value is an error here.</summary>
    private static string Format(string format, Queue<object?> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            var verb = ++i < format.Length ? format[i] : ' ';
            if (verb == '%') text.Append('%');
            else if (!values.TryDequeue(out var value)) throw new InvalidOperationException($"printf: %{verb} has no value");
            else text.Append((verb, value) switch
            {
                ('s', string s) => s,
                ('d', long l) => GoValues.Print(l),
                ('q', string s) => GoValues.Quote(s),
                ('v', _) => GoValues.Print(value),
                _ => throw new InvalidOperationException($"printf: %{verb} of {GoValues.TypeOf(value)} is not in the subset"),
            });
        }
        return values.Count == 0 ? text.ToString() : throw new InvalidOperationException("printf: more values than verbs");
    }

    /// <summary>cast.ToInt: what is no number is 0.</summary>
    private static long ToInt(object? value) => value switch
    {
        long l => l,
        double d => double.IsFinite(d) && Math.Abs(d) < 9.2e18 ? (long)Math.Truncate(d) : long.MinValue,
        bool b => b ? 1 : 0,
        string s => GoValues.ParseInteger(WithoutZeroDecimals(s)) ?? 0,
        _ => 0,
    };

    private static string WithoutZeroDecimals(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && text[(dot + 1)..].All(c => c == '0') ? text[..dot] : text;
    }
}
