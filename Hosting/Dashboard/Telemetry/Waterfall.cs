namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>Puts the spans of a trace in their places, whatever senders made of it.</summary>
internal static class Waterfall
{
    public static List<WaterfallSpan> Of(IReadOnlyList<TelemetrySpan> spans, DateTimeOffset start)
    {
        var byId = spans.ToDictionary(span => span.Id);
        var children = spans.ToLookup(span => span.Parent);
        var placed = new List<WaterfallSpan>(spans.Count);
        var done = new HashSet<ulong>(spans.Count);
        var inTime = spans.OrderBy(span => span.Start).ThenByDescending(span => span.Duration).ToList();

        foreach (var root in inTime.Where(span => !byId.ContainsKey(span.Parent)))
            Place(root);
        // Spans that claim to have caused each other have no root.
        foreach (var span in inTime)
            Place(span);
        return placed;

        // Not by recursion: a trace may be as deep as it has spans.
        void Place(TelemetrySpan top)
        {
            var waiting = new Stack<(TelemetrySpan Span, int Depth)>();
            waiting.Push((top, 0));
            while (waiting.TryPop(out var next))
            {
                var (span, depth) = next;
                if (!done.Add(span.Id)) continue;
                var own = children[span.Id].OrderByDescending(child => child.Start).ThenBy(child => child.Duration).ToList();
                placed.Add(new WaterfallSpan(
                    span, depth, span.Start - start, own.Count, depth == 0 && span.Parent != 0));
                foreach (var child in own)
                    waiting.Push((child, depth + 1));
            }
        }
    }
}
