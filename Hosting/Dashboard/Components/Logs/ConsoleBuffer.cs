namespace SdAspire.Hosting.Dashboard.Components.Logs;

/// <summary>The last lines of a console, cut into rows of one height, with what was searched for.</summary>
internal sealed class ConsoleBuffer
{
    public const int MaxLines = 10_000;

    private const int MaxMatches = 10_000;

    private readonly List<ShownLine> _lines = [];
    private readonly Dictionary<int, List<ConsoleMatch>> _matchesByLine = [];
    private AnsiStyle _style;
    private int _lastNumber;

    public IReadOnlyList<ShownLine> Lines => _lines;

    /// <summary>What is drawn; a list that is replaced, never changed.</summary>
    public List<ConsoleRow> Rows { get; private set; } = [];

    public List<ConsoleMatch> Matches { get; private set; } = [];

    /// <summary>How many lines made room for newer ones.</summary>
    public int DroppedCount { get; private set; }

    public bool HasTimestamps { get; private set; }

    public void Add(IReadOnlyList<Resources.ConsoleLine> batch)
    {
        foreach (var line in batch)
        {
            // Numbered here: an AppHost that was started again begins anew.
            var shown = ShownLine.From(line.Text, ++_lastNumber, line.IsError, ref _style);
            HasTimestamps |= shown.Timestamp is not null;
            _lines.Add(shown);
        }
        // By thousands, so that a full buffer is not moved for every line.
        if (_lines.Count > MaxLines + 1000)
            Drop(_lines.Count - MaxLines);
    }

    /// <summary>Forgets what there is; what was there before does not come back.</summary>
    public void Clear()
    {
        _lines.Clear();
        DroppedCount = 0;
        _style = default;
    }

    /// <summary>Makes <see cref="Rows"/> of the lines; with <paramref name="columns"/> long lines take several rows.</summary>
    public void Layout(int? columns)
    {
        if (_lines.Count > MaxLines)
            Drop(_lines.Count - MaxLines);
        var rows = new List<ConsoleRow>(_lines.Count);
        foreach (var line in _lines)
        {
            var length = line.Text.Length;
            var width = columns ?? Math.Max(1, length);
            rows.Add(new ConsoleRow(line, 0, Math.Min(width, length)));
            for (var start = width; start < length; start += width)
                rows.Add(new ConsoleRow(line, start, Math.Min(width, length - start)));
        }
        Rows = rows;
    }

    /// <summary>Finds a text in all lines; case does not matter.</summary>
    public void Find(string text)
    {
        var matches = new List<ConsoleMatch>();
        _matchesByLine.Clear();
        if (text.Length > 0)
        {
            foreach (var line in _lines)
            {
                for (var at = 0; matches.Count < MaxMatches; at += text.Length)
                {
                    at = line.Text.IndexOf(text, at, StringComparison.OrdinalIgnoreCase);
                    if (at < 0)
                        break;
                    var match = new ConsoleMatch(line.Number, at, text.Length);
                    matches.Add(match);
                    if (!_matchesByLine.TryGetValue(line.Number, out var list))
                        _matchesByLine[line.Number] = list = [];
                    list.Add(match);
                }
            }
        }
        Matches = matches;
    }

    public IReadOnlyList<ConsoleMatch> MatchesIn(ShownLine line) => _matchesByLine.GetValueOrDefault(line.Number) ?? [];

    /// <summary>The row that holds a match's beginning; -1 if it is not there any more.</summary>
    public int RowOf(ConsoleMatch match) => Rows.FindIndex(row =>
        row.Line.Number == match.LineNumber && match.Start >= row.Start && match.Start < row.Start + Math.Max(1, row.Length));

    public string AsText() =>
        string.Join('\n', _lines.Select(line => line.Timestamp is null ? line.Text : $"{line.Timestamp} {line.Text}")) + "\n";

    private void Drop(int count)
    {
        _lines.RemoveRange(0, count);
        DroppedCount += count;
    }
}

/// <summary>A line, or the part of a long one that fits.</summary>
internal readonly record struct ConsoleRow(ShownLine Line, int Start, int Length);

/// <summary>Where a searched text stands.</summary>
public readonly record struct ConsoleMatch(int LineNumber, int Start, int Length);
