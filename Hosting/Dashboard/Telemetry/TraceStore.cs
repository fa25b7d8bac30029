using System.Globalization;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>The last traces, in the order in which they were first heard of. Spans may come in any order.</summary>
internal sealed class TraceStore(TelemetryLimits limits)
{
    private readonly Lock _lock = new();
    private Dictionary<UInt128, TraceEntry> _byId = [];
    private Queue<TraceEntry> _byArrival = [];
    private long _bytes;

    /// <summary>Says how many found no room in their trace.</summary>
    public int Add(IReadOnlyList<TelemetrySpan> spans)
    {
        var rejected = 0;
        lock (_lock)
        {
            foreach (var span in spans)
            {
                if (!_byId.TryGetValue(span.Trace, out var trace))
                {
                    trace = new TraceEntry(span.Trace);
                    _byId.Add(span.Trace, trace);
                    _byArrival.Enqueue(trace);
                }
                if (trace.Count >= limits.MaxSpansPerTrace) rejected++;
                else if (trace.Add(span)) _bytes += span.Bytes;
                while (_byArrival.Count > limits.MaxTraceCount || (_bytes > limits.MaxTraceBytes && _byArrival.Count > 1))
                {
                    var oldest = _byArrival.Dequeue();
                    _byId.Remove(oldest.Id);
                    _bytes -= oldest.Bytes;
                }
            }
        }
        return rejected;
    }

    public Page<TraceSummary> Query(TraceQuery query)
    {
        TraceEntry[] traces;
        lock (_lock)
            traces = _byArrival.ToArray();

        var matches = new List<TraceSummary>();
        foreach (var trace in traces)
        {
            var summary = trace.Summary();
            if (query.ErrorsOnly && !summary.HasError) continue;
            if (!TookPart(summary, query.Resource)) continue;
            if (!string.IsNullOrEmpty(query.Text) && !HasText(trace, query.Text)) continue;
            matches.Add(summary);
        }
        matches.Sort((a, b) => b.Start.CompareTo(a.Start));
        return Paging.Of(matches, query.Offset, query.Count);
    }

    public (TraceSummary Summary, TelemetrySpan[] Spans)? Find(string traceId)
    {
        if (!UInt128.TryParse(traceId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) return null;
        TraceEntry? trace;
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out trace)) return null;
        }
        return (trace.Summary(), trace.Spans.ToArray());
    }

    /// <summary>Whole traces: without one resource's spans the others would hang in the air.</summary>
    public void Clear(string? resource)
    {
        lock (_lock)
        {
            _byArrival = new Queue<TraceEntry>(_byArrival.Where(trace => !TookPart(trace.Summary(), resource)));
            _byId = _byArrival.ToDictionary(trace => trace.Id);
            _bytes = _byArrival.Sum(trace => trace.Bytes);
        }
    }

    private static bool TookPart(TraceSummary summary, string? resource)
    {
        if (string.IsNullOrEmpty(resource)) return true;
        foreach (var part in summary.Resources)
        {
            if (part.Resource.Matches(resource)) return true;
        }
        return false;
    }

    private static bool HasText(TraceEntry trace, string text)
    {
        foreach (var span in trace.Spans)
        {
            if (TextSearch.Has(span.Name, text) || TextSearch.Has(span.Attributes, text)) return true;
        }
        return TextSearch.Has(trace.Spans[0].TraceId, text);
    }
}
