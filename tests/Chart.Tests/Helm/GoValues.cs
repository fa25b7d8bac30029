using System.Globalization;
using System.Text;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>A nil that a map or a list holds: a field of it is an error, but not of what is nothing at all (null).</summary>
sealed class NilInterface
{
    public static readonly NilInterface Instance = new();
}

/// <summary>A struct of Go's: asked for a field that it does not have, a template fails.</summary>
sealed record GoStruct(string Type, IReadOnlyDictionary<string, object?> Fields);

/// <summary>
/// Values as Go's templates see them: string, bool, long (int), double (float64), lists, maps, null.
/// </summary>
static class GoValues
{
    public static bool IsTrue(object? value) => value switch
    {
        null or NilInterface => false,
        bool b => b,
        string s => s.Length > 0,
        long l => l != 0,
        double d => d != 0,
        IReadOnlyList<object?> list => list.Count > 0,
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>fmt's %v.</summary>
    public static string Print(object? value) => value switch
    {
        null or NilInterface => "<nil>",
        bool b => b ? "true" : "false",
        string s => s,
        long l => l.ToString(CultureInfo.InvariantCulture),
        double d => Print(d),
        IReadOnlyList<object?> list => $"[{string.Join(' ', list.Select(Print))}]",
        IReadOnlyDictionary<string, object?> map =>
            $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Print(p.Value)}"))}]",
        _ => throw new NotSupportedException($"A template prints {TypeOf(value)}."),
    };

    /// <summary>The shortest digits that give the number again; an exponent below 1e-04 and from 1e+06 on.</summary>
    public static string Print(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return double.IsNegative(value) ? "-0" : "0";
        var digits = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var precision = 0; precision <= 16; precision++)
        {
            digits = value.ToString($"E{precision}", CultureInfo.InvariantCulture);
            if (double.Parse(digits, CultureInfo.InvariantCulture) == value) break;
        }
        var exponent = int.Parse(digits[(digits.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        var mantissa = digits[..digits.IndexOf('E')];
        if (exponent is < -4 or >= 6)
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        var plain = mantissa.TrimStart('-').Replace(".", "", StringComparison.Ordinal);
        var sign = mantissa[0] == '-' ? "-" : "";
        if (exponent < 0) return sign + "0." + new string('0', -exponent - 1) + plain;
        return plain.Length <= exponent + 1
            ? sign + plain.PadRight(exponent + 1, '0')
            : sign + plain.Insert(exponent + 1, ".");
    }

    /// <summary>fmt's %q of a string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                ' ' => " ",
                < 0x20 or 0x7f => $"\\x{rune.Value:x2}",
                _ when IsPrintable(rune) => rune.ToString(),
                <= 0xffff => $"\\u{rune.Value:x4}",
                _ => $"\\U{rune.Value:x8}",
            });
        }
        return quoted.Append('"').ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>template's <c>eq</c> of two values.</summary>
    public static bool AreEqual(object? left, object? right)
    {
        left = left is NilInterface ? null : left;
        right = right is NilInterface ? null : right;
        if (left is null || right is null) return left is null && right is null;
        return (left, right) switch
        {
            (string a, string b) => a == b,
            (bool a, bool b) => a == b,
            (long a, long b) => a == b,
            (double a, double b) => a == b,
            (string or bool or long or double, _) or (_, string or bool or long or double) =>
                throw new InvalidOperationException("error calling eq: incompatible types for comparison"),
            _ => throw new InvalidOperationException($"error calling eq: non-comparable type {TypeOf(left)}"),
        };
    }

    /// <summary>template's <c>gt</c>.</summary>
    public static bool IsGreater(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b) > 0,
        (long a, long b) => a > b,
        (double a, double b) => a > b,
        (string or long or double or bool, string or long or double or bool) when left.GetType() != right.GetType() =>
            throw new InvalidOperationException("error calling gt: incompatible types for comparison"),
        _ => throw new InvalidOperationException("error calling gt: invalid type for comparison"),
    };

    /// <summary>strconv.ParseInt of a string with the base that its prefix says.</summary>
    public static long? ParseInteger(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var isNegative = digits.StartsWith('-');
        if (isNegative || digits.StartsWith('+')) digits = digits[1..];
        var (radix, rest) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'b' or 'B', ..] => (2, digits[2..]),
            ['0', 'o' or 'O', ..] => (8, digits[2..]),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        if (rest.Length == 0) return null;
        Int128 value = 0;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 16;
            if (digit >= radix || value > long.MaxValue) return null;
            value = value * radix + digit;
        }
        value = isNegative ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    public static string TypeOf(object? value) => value switch
    {
        null or NilInterface => "interface {}",
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        IReadOnlyList<object?> => "[]interface {}",
        IReadOnlyDictionary<string, object?> => "map[string]interface {}",
        GoStruct s => s.Type,
        _ => value.GetType().Name,
    };
}
