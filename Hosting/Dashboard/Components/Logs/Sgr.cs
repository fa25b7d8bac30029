using System.Globalization;

namespace SdAspire.Hosting.Dashboard.Components.Logs;

/// <summary>"Select graphic rendition": the one escape sequence that changes how text looks.</summary>
internal static class Sgr
{
    private const int MaxParameters = 32;

    /// <summary>Parameters as between <c>ESC [</c> and <c>m</c>; what is not understood changes nothing.</summary>
    public static AnsiStyle Apply(AnsiStyle style, ReadOnlySpan<char> parameters)
    {
        Span<int> codes = stackalloc int[MaxParameters];
        var count = 0;
        foreach (var range in parameters.SplitAny(';', ':'))
        {
            if (count == MaxParameters)
                break;
            var part = parameters[range];
            if (part.Length == 0)
                codes[count++] = 0;
            else if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                codes[count++] = code;
            else
                return style;
        }

        for (var i = 0; i < count;)
        {
            style = Next(style, codes[i..count], out var used);
            i += used;
        }
        return style;
    }

    private static AnsiStyle Next(AnsiStyle style, ReadOnlySpan<int> codes, out int used)
    {
        used = 1;
        switch (codes[0])
        {
            case 0: return default;
            case 1: return With(AnsiAttributes.Bold);
            case 2: return With(AnsiAttributes.Faint);
            case 3: return With(AnsiAttributes.Italic);
            case 4 or 21: return With(AnsiAttributes.Underline);
            case 7: return With(AnsiAttributes.Inverse);
            case 9: return With(AnsiAttributes.Strike);
            case 22: return Without(AnsiAttributes.Bold | AnsiAttributes.Faint);
            case 23: return Without(AnsiAttributes.Italic);
            case 24: return Without(AnsiAttributes.Underline);
            case 27: return Without(AnsiAttributes.Inverse);
            case 29: return Without(AnsiAttributes.Strike);
            case >= 30 and <= 37: return style with { Foreground = AnsiColors.Indexed(codes[0] - 30) };
            case >= 90 and <= 97: return style with { Foreground = AnsiColors.Indexed(codes[0] - 90 + 8) };
            case 39: return style with { Foreground = null };
            case >= 40 and <= 47: return style with { Background = AnsiColors.Behind(codes[0] - 40) };
            case >= 100 and <= 107: return style with { Background = AnsiColors.Behind(codes[0] - 100 + 8) };
            case 49: return style with { Background = null };
            case 38: return Colour(codes, AnsiColors.Indexed, out used) is { } front ? style with { Foreground = front } : style;
            case 48: return Colour(codes, AnsiColors.Behind, out used) is { } back ? style with { Background = back } : style;
            default: return style;
        }

        AnsiStyle With(AnsiAttributes attributes) => style with { Attributes = style.Attributes | attributes };
        AnsiStyle Without(AnsiAttributes attributes) => style with { Attributes = style.Attributes & ~attributes };
    }

    private static string? Colour(ReadOnlySpan<int> codes, Func<int, string?> indexed, out int used)
    {
        switch (codes)
        {
            case [_, 5, var index, ..]:
                used = 3;
                return index <= 255 ? indexed(index) : null;
            case [_, 2, var red, var green, var blue, ..]:
                used = 5;
                return red <= 255 && green <= 255 && blue <= 255 ? AnsiColors.Rgb(red, green, blue) : null;
            default:
                used = codes.Length;
                return null;
        }
    }
}
