using System.Text;

namespace SdAspire.Hosting.Dashboard.Components.Logs;

/// <summary>
/// Makes plain text and styled runs of what a program wrote for a terminal. Only colours and the like are honoured: whatever else
/// an escape sequence asks for (titles, links, moving about, answers) is left out, as are control characters.
/// </summary>
internal static class AnsiParser
{
    public const int MaxLength = 8192;

    private const char Escape = '\e';
    private const int TabWidth = 8;
    private const char Hidden = '\uFFFD';

    /// <summary>Reads one line; <paramref name="style"/> goes on from line to line, as it does in a terminal.</summary>
    public static AnsiText Parse(string line, ref AnsiStyle style)
    {
        var text = new StringBuilder(Math.Min(line.Length, MaxLength));
        var runs = new List<AnsiRun>();
        var runStart = 0;

        for (var i = 0; i < line.Length;)
        {
            var c = line[i];
            if (c is Escape or '\u009B')
            {
                var before = style;
                i = ReadSequence(line, i, ref style);
                if (style != before)
                {
                    CloseRun(before);
                    runStart = text.Length;
                }
                continue;
            }
            i++;
            if (c == '\r')
            {
                // What follows is written over it, as progress bars do.
                if (i < line.Length)
                {
                    text.Clear();
                    runs.Clear();
                    runStart = 0;
                }
            }
            else if (text.Length < MaxLength)
            {
                Append(text, c);
                if (text.Length >= MaxLength)
                    text.Append('…');
            }
        }
        CloseRun(style);
        return new AnsiText(text.ToString(), runs);

        void CloseRun(AnsiStyle of)
        {
            if (text.Length > runStart)
                runs.Add(new AnsiRun(runStart, text.Length - runStart, of));
        }
    }

    private static void Append(StringBuilder text, char c)
    {
        if (c == '\t')
            text.Append(' ', TabWidth - text.Length % TabWidth);
        else if (IsDirectionChange(c))
            text.Append(Hidden);
        else if (!char.IsControl(c))
            text.Append(c);
    }

    // They can make a line read as something that it is not.
    private static bool IsDirectionChange(char c) => c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';

    /// <summary>Returns where the text goes on.</summary>
    private static int ReadSequence(string line, int start, ref AnsiStyle style)
    {
        var i = start + 1;
        if (line[start] == Escape)
        {
            if (i >= line.Length)
                return i;
            switch (line[i++])
            {
                case '[':
                    break;
                case ']' or 'P' or 'X' or '^' or '_':
                    return SkipString(line, i);
                case >= ' ' and <= '/':
                    while (i < line.Length && line[i] is >= ' ' and <= '/')
                        i++;
                    return Math.Min(i + 1, line.Length);
                default:
                    return i;
            }
        }

        var parameters = i;
        while (i < line.Length && line[i] is >= ' ' and <= '?')
            i++;
        if (i >= line.Length)
            return i;
        if (line[i] == 'm')
            style = Sgr.Apply(style, line.AsSpan(parameters, i - parameters));
        return i + 1;
    }

    private static int SkipString(string line, int i)
    {
        for (; i < line.Length; i++)
        {
            if (line[i] is '\a' or '\u009C')
                return i + 1;
            if (line[i] == Escape)
                return i + 1 < line.Length && line[i + 1] == '\\' ? i + 2 : i;
        }
        return i;
    }
}

/// <summary>The text without its escape sequences, and how its parts look.</summary>
public sealed record AnsiText(string Text, IReadOnlyList<AnsiRun> Runs);

/// <summary>A part of a text that looks one way.</summary>
public readonly record struct AnsiRun(int Start, int Length, AnsiStyle Style);
