using System.Globalization;
using System.Text.RegularExpressions;

namespace SdAspire.Hosting.Dashboard.Components.Logs;

/// <summary>One line of a resource's console, ready to be shown.</summary>
public sealed partial record ShownLine(int Number, string? Timestamp, AnsiText Content, bool IsError)
{
    /// <summary>The text without colours.</summary>
    public string Text => Content.Text;

    public static ShownLine From(string raw, int number, bool isError, ref AnsiStyle style)
    {
        string? timestamp = null;
        if (TimestampPattern().Match(raw) is { Success: true } match)
        {
            timestamp = DateTimeOffset.TryParse(
                match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)
                : null;
            if (timestamp is not null)
                raw = raw[match.Length..];
        }
        return new ShownLine(number, timestamp, AnsiParser.Parse(raw, ref style), isError);
    }

    /// <summary>The parts to show of a piece of the line: cut where look, link or match changes.</summary>
    public IEnumerable<LinePart> Parts(int start, int length, IReadOnlyList<ConsoleMatch> matches, ConsoleMatch? current)
    {
        var end = start + length;
        var links = LinkPattern().EnumerateMatches(Text);
        var linkSpans = new List<(int Start, int End)>();
        foreach (var link in links)
        {
            var linkEnd = link.Index + Text.AsSpan(link.Index, link.Length).TrimEnd(".,;:!?)]}").Length;
            if (linkEnd > start && link.Index < end)
                linkSpans.Add((link.Index, linkEnd));
        }

        var cuts = new SortedSet<int> { start, end };
        foreach (var run in Content.Runs)
            Cut(run.Start, run.Start + run.Length);
        foreach (var link in linkSpans)
            Cut(link.Start, link.End);
        foreach (var match in matches)
            Cut(match.Start, match.Start + match.Length);

        var from = start;
        foreach (var to in cuts.Skip(1))
        {
            var at = from;
            var run = Content.Runs.FirstOrDefault(one => at >= one.Start && at < one.Start + one.Length);
            var link = linkSpans.FirstOrDefault(one => at >= one.Start && at < one.End);
            var match = matches.FirstOrDefault(one => at >= one.Start && at < one.Start + one.Length);
            yield return new LinePart(
                Text[from..to], run.Style.ToCss(), link.End > 0 ? Text[link.Start..link.End] : null,
                match.Length > 0, match.Length > 0 && match == current);
            from = to;
        }

        void Cut(int a, int b)
        {
            if (a > start && a < end)
                cuts.Add(a);
            if (b > start && b < end)
                cuts.Add(b);
        }
    }

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?", RegexOptions.CultureInvariant)]
    private static partial Regex TimestampPattern();

    [GeneratedRegex("""https?://[^\s<>"'`\\^{}|]+""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LinkPattern();
}

/// <summary>A piece of text that is shown in one way.</summary>
public readonly record struct LinePart(string Text, string? Style, string? Link, bool IsMatch, bool IsCurrent);
