using System.Globalization;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Pages;

/// <summary>Tells one page how the house is doing: what changed, and no more often than somebody can read it.</summary>
internal sealed class HouseNews(
    HouseFigures figures, HouseHistory history, GenerationBoard board, GenerationViews views, TimeProvider time)
{
    // Nobody has more cards before the eyes: at each end of the line.
    private const int Most = 4 * Home.PageSize;

    /// <summary>Between two figures.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);
    private HouseView? _told;
    private long _toldAt;

    /// <summary>What a card that has not ended says of its place in the line and of the time that it needs.</summary>
    public static string Place(GenerationView view)
    {
        var place = view.Position is { } position ? string.Create(CultureInfo.InvariantCulture, $"number {position} in line") : null;
        var time = view.EstimatedSeconds is { } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"about {Math.Max(1, seconds):0} s to go")
            : null;
        return string.Join(", ", new[] { place, time }.OfType<string>());
    }

    /// <summary>The news, if there are any and it is time; and whether it must be asked again soon.</summary>
    /// <param name="shown">Whether a card is on the page.</param>
    public (GalleryNews? News, bool IsEarly) Next(Func<string, bool> shown)
    {
        if (_told is not null && time.GetElapsedTime(_toldAt) < Pause)
            return (null, true);
        _toldAt = time.GetTimestamp();
        var now = figures.Now();
        var lines = Lines(shown);
        if (now == _told && lines.Count == 0)
            return (null, false);
        // What was before is told once; the page draws the rest itself.
        var past = _told is null ? history.Past() : null;
        _told = now;
        return (new GalleryNews { House = now, Lines = lines, Past = past }, false);
    }

    private Dictionary<string, string> Lines(Func<string, bool> shown)
    {
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        if (board.CountUnfinished == 0)
            return changed;
        // The newest, and those whose turn is next, which may be far down the page.
        var states = board.Page(Most).Where(state => !state.IsFinished).UnionBy(board.Unfinished(Most), state => state.Task.Id);
        foreach (var state in states.Where(state => shown(state.Task.Id)))
        {
            var place = Place(views.Of(state));
            if (_lines.GetValueOrDefault(state.Task.Id) != place)
                changed[state.Task.Id] = _lines[state.Task.Id] = place;
        }
        // Nobody takes out those that have ended; there would be no end to them.
        if (_lines.Count > 2 * Most)
            _lines.Clear();
        return changed;
    }
}
