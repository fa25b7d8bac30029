using System.Diagnostics;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>
/// The spans of one trace, in the order of their arrival. One writer at a time; readers need no lock, because spans are only
/// ever appended.
/// </summary>
internal sealed class TraceEntry(UInt128 id)
{
    // Below this, looking is faster than hashing.
    private const int IndexFrom = 16;

    private TelemetrySpan[] _spans = new TelemetrySpan[4];
    private int _count;
    private HashSet<ulong>? _index;
    private volatile TraceSummary? _summary;

    public UInt128 Id => id;

    public int Count => Volatile.Read(ref _count);

    public long Bytes { get; private set; }

    public ReadOnlySpan<TelemetrySpan> Spans
    {
        get
        {
            // In this order: the array that is there after the count was read holds at least as many.
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _spans).AsSpan(0, count);
        }
    }

    /// <summary>False if it is here already: senders repeat what they got no answer for.</summary>
    public bool Add(TelemetrySpan span)
    {
        if (_index is not null ? !_index.Add(span.Id) : Contains(span.Id)) return false;
        if (_count == _spans.Length)
        {
            var larger = new TelemetrySpan[_count * 2];
            _spans.CopyTo(larger, 0);
            Volatile.Write(ref _spans, larger);
        }
        _spans[_count] = span;
        Volatile.Write(ref _count, _count + 1);
        Bytes += span.Bytes;
        if (_count == IndexFrom) _index = [.. Spans.ToArray().Select(known => known.Id)];
        return true;
    }

    public TraceSummary Summary()
    {
        var known = _summary;
        var spans = Spans;
        if (known is null || known.SpanCount != spans.Length) _summary = known = Summarize(spans);
        return known;
    }

    private bool Contains(ulong span)
    {
        foreach (var known in Spans)
        {
            if (known.Id == span) return true;
        }
        return false;
    }

    private static TraceSummary Summarize(ReadOnlySpan<TelemetrySpan> spans)
    {
        var first = spans[0];
        TelemetrySpan? root = null;
        var end = first.End;
        var hasError = false;
        var ids = new HashSet<ulong>(spans.Length);
        foreach (var span in spans)
        {
            ids.Add(span.Id);
            if (span.Start < first.Start) first = span;
            if (span.End > end) end = span.End;
            if (span.Parent == 0 && (root is null || span.Start < root.Start)) root = span;
            hasError |= span.Status == ActivityStatusCode.Error;
        }
        var isComplete = root is not null;
        foreach (var span in spans)
            isComplete &= span.Parent == 0 || ids.Contains(span.Parent);
        var named = root ?? first;
        return new TraceSummary(
            first.TraceId, named.Name, named.Resource, isComplete, first.Start, end - first.Start, spans.Length, hasError,
            Parts(spans));
    }

    private static List<TraceResource> Parts(ReadOnlySpan<TelemetrySpan> spans)
    {
        var parts = new List<(TelemetryResource Resource, DateTimeOffset Start, int Spans, int Errors)>();
        foreach (var span in spans)
        {
            var errors = span.Status == ActivityStatusCode.Error ? 1 : 0;
            var at = parts.FindIndex(part => part.Resource == span.Resource);
            if (at < 0)
            {
                parts.Add((span.Resource, span.Start, 1, errors));
                continue;
            }
            var (resource, start, count, failed) = parts[at];
            parts[at] = (resource, span.Start < start ? span.Start : start, count + 1, failed + errors);
        }
        parts.Sort((a, b) => a.Start.CompareTo(b.Start));
        return parts.ConvertAll(part => new TraceResource(part.Resource, part.Spans, part.Errors));
    }
}
