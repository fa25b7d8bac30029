using System.Globalization;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Traces;

/// <summary>Where a trace's spans stand on the time axis, and which of them are folded away.</summary>
internal static class WaterfallLayout
{
    private const double NoRoomBehind = 0.78;
    private const double RoomInFront = 0.24;

    /// <summary>The spans that show when the children of some are folded away.</summary>
    public static IReadOnlyList<WaterfallSpan> Visible(IReadOnlyList<WaterfallSpan> spans, IReadOnlySet<string> folded)
    {
        if (folded.Count == 0)
            return spans;
        var visible = new List<WaterfallSpan>(spans.Count);
        var hiddenBelow = int.MaxValue;
        foreach (var span in spans)
        {
            if (span.Depth > hiddenBelow)
                continue;
            hiddenBelow = folded.Contains(span.Span.SpanId) ? span.Depth : int.MaxValue;
            visible.Add(span);
        }
        return visible;
    }

    /// <summary>From the left, as a CSS percentage.</summary>
    public static string Share(TimeSpan of, TimeSpan whole) => string.Create(
        CultureInfo.InvariantCulture, $"{(whole > TimeSpan.Zero ? Math.Clamp(of / whole, 0, 1) * 100 : 0):0.###}%");

    /// <summary>Where a span's duration is written, as a CSS class: behind its bar if there is room.</summary>
    public static string LabelPlace(WaterfallSpan span, TimeSpan whole)
    {
        if (whole <= TimeSpan.Zero || (span.Offset + span.Span.Duration) / whole <= NoRoomBehind)
            return "after";
        return span.Offset / whole > RoomInFront ? "before" : "inside";
    }
}
