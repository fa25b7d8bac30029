using System.Globalization;

namespace SdAspire.Hosting.Dashboard.Components.Logs;

/// <summary>How a piece of terminal text looks; the colours are CSS values that only <see cref="AnsiColors"/> makes.</summary>
public readonly record struct AnsiStyle(string? Foreground, string? Background, AnsiAttributes Attributes)
{
    /// <summary>As a style attribute, or null where there is nothing to say.</summary>
    public string? ToCss()
    {
        if (this == default)
            return null;
        var (front, back) = Attributes.HasFlag(AnsiAttributes.Inverse)
            ? (Background ?? "var(--surface)", Foreground ?? "var(--text)")
            : (Foreground, Background);
        // Black text was meant for the colour behind it.
        if (back is not null && front == AnsiColors.Indexed(0))
            front = "var(--ansi-ink)";
        var line = (Attributes & (AnsiAttributes.Underline | AnsiAttributes.Strike)) switch
        {
            AnsiAttributes.Underline => "underline",
            AnsiAttributes.Strike => "line-through",
            0 => null,
            _ => "underline line-through",
        };
        return string.Concat(
            front is null ? null : $"color:{front};",
            back is null ? null : $"background:{back};",
            string.Concat(
                Attributes.HasFlag(AnsiAttributes.Bold) ? "font-weight:700;" : null,
                Attributes.HasFlag(AnsiAttributes.Faint) ? "opacity:.65;" : null,
                Attributes.HasFlag(AnsiAttributes.Italic) ? "font-style:italic;" : null,
                line is null ? null : $"text-decoration:{line};"));
    }
}

/// <summary>What a terminal can do to text besides colours.</summary>
[Flags]
public enum AnsiAttributes
{
    None = 0,
    Bold = 1,
    Faint = 2,
    Italic = 4,
    Underline = 8,
    Inverse = 16,
    Strike = 32,
}

/// <summary>A terminal's colours as CSS.</summary>
internal static class AnsiColors
{
    private static readonly string[] Palette = [.. Enumerable.Range(0, 256).Select(Of)];
    private static readonly string[] Backgrounds =
        [.. Enumerable.Range(0, 16).Select(index => string.Create(CultureInfo.InvariantCulture, $"var(--ansi-bg-{index % 8})"))];

    /// <summary>One of the 256 of xterm; the first 16 follow the theme.</summary>
    public static string Indexed(int index) => Palette[index];

    /// <summary>The same behind text. Black is what a terminal has anyway: it stands for no colour at all.</summary>
    public static string? Behind(int index) => index switch
    {
        0 => null,
        < 16 => Backgrounds[index],
        _ => Palette[index],
    };

    /// <summary>Any colour; each part from 0 to 255.</summary>
    public static string Rgb(int red, int green, int blue) =>
        string.Create(CultureInfo.InvariantCulture, $"#{red:x2}{green:x2}{blue:x2}");

    private static string Of(int index)
    {
        if (index < 16)
            return string.Create(CultureInfo.InvariantCulture, $"var(--ansi-{index})");
        if (index >= 232)
        {
            var gray = 8 + (index - 232) * 10;
            return Rgb(gray, gray, gray);
        }
        var cube = index - 16;
        return Rgb(Level(cube / 36), Level(cube / 6 % 6), Level(cube % 6));

        static int Level(int step) => step == 0 ? 0 : 55 + step * 40;
    }
}
