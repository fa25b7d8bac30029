using System.Globalization;
using Microsoft.AspNetCore.Components;
using SdAspire.Hosting.Dashboard.Components.Metrics;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>One instrument over time.</summary>
public sealed partial class MetricsPage : LiveComponent
{
    private const int DefaultMinutes = 5;

    private static readonly int[] Ranges = [1, 5, 15, 30];

    private readonly Dictionary<string, HashSet<string>> _wanted = [];
    private readonly HashSet<string> _splits = [];
    private IReadOnlyList<string> _names = [];
    private IReadOnlyList<InstrumentInfo> _instruments = [];
    private IReadOnlyList<MetricMeasure> _measures = [];
    private IReadOnlyList<DateTimeOffset> _times = [];
    private IReadOnlyList<ChartLine> _lines = [];
    private MetricResult? _result;
    private (string?, string?, string?) _chosen;
    private bool _hasDefaultSplit;
    private string _text = "";

    /// <summary>A resource's display name, or a service's name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>The meter's name.</summary>
    [SupplyParameterFromQuery]
    public string? Meter { get; set; }

    /// <summary>The instrument's name.</summary>
    [SupplyParameterFromQuery]
    public string? Instrument { get; set; }

    /// <summary>Minutes.</summary>
    [SupplyParameterFromQuery(Name = "duration")]
    public int? Duration { get; set; }

    /// <summary><c>Table</c> for figures instead of lines.</summary>
    [SupplyParameterFromQuery(Name = "view")]
    public string? ShownAs { get; set; }

    /// <summary>What of the instrument is drawn.</summary>
    [SupplyParameterFromQuery(Name = "measure")]
    public string? MeasureName { get; set; }

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    private int Minutes => Duration is { } minutes && Ranges.Contains(minutes) ? minutes : DefaultMinutes;

    private bool IsTable => string.Equals(ShownAs, "Table", StringComparison.OrdinalIgnoreCase);

    private MetricMeasure Measure =>
        Enum.TryParse<MetricMeasure>(MeasureName, ignoreCase: true, out var one) && _measures.Contains(one)
            ? one
            : _measures.FirstOrDefault();

    private MetricUnit Unit => new(_result?.Instrument.Unit ?? "", Measure is MetricMeasure.Rate);

    private string UnitWords => Unit.Words;

    /// <inheritdoc/>
    protected override void OnInitialized() =>
        Watch(Store.Subscribe(TelemetryKinds.Metrics | TelemetryKinds.Resources, _ => Changed()));

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_chosen != (Name, Meter, Instrument))
        {
            _chosen = (Name, Meter, Instrument);
            _wanted.Clear();
            _splits.Clear();
            _hasDefaultSplit = false;
        }
        Refresh();
    }

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _names = ResourceNames.Of(Store);
        if (Name is null)
        {
            if (_names.FirstOrDefault(name => Store.Instruments(name).Count > 0) is { } first)
                Navigation.NavigateTo(Links.Metrics(first), replace: true);
            return;
        }

        _instruments = Store.Instruments(Name);
        var chosen = _instruments.FirstOrDefault(IsChosen);
        if (chosen is null)
        {
            _result = null;
            return;
        }
        _measures = ChartBuilder.Measures(chosen.Type);
        _result = Read(chosen);
        if (_result is { Dimensions.Count: > 0 } && !_hasDefaultSplit)
        {
            // An average over what a gauge tells apart would mean nothing.
            _hasDefaultSplit = true;
            if (chosen.Type is InstrumentType.Gauge)
            {
                _splits.UnionWith(_result.Dimensions.Select(one => one.Name));
                _result = Read(chosen);
            }
        }
        _times = _result is { Series: [var any, ..] } ? [.. any.Points.Select(point => point.Time)] : [];
        _lines = _result is null ? [] : ChartBuilder.Lines(_result, Measure);
    }

    private MetricResult? Read(InstrumentInfo instrument)
    {
        var step = TimeSpan.FromSeconds(Minutes switch { 1 => 2, 5 => 5, 15 => 15, _ => 30 });
        // Steps begin at round times: a point does not change because the window moves on.
        var end = new DateTimeOffset(Now.UtcTicks / step.Ticks * step.Ticks, TimeSpan.Zero);
        return Store.Metric(new MetricQuery
        {
            Resource = Name!,
            Meter = instrument.Meter,
            Instrument = instrument.Name,
            Start = end - TimeSpan.FromMinutes(Minutes),
            End = end,
            Step = step,
            Where = _wanted.ToDictionary(one => one.Key, IReadOnlySet<string> (one) => one.Value),
            GroupBy = [.. _splits],
        });
    }

    private bool IsWanted(InstrumentInfo one) => _text.Length == 0
        || one.Name.Contains(_text, StringComparison.OrdinalIgnoreCase)
            || one.Meter.Contains(_text, StringComparison.OrdinalIgnoreCase);

    private bool IsWanted(string dimension, string value) =>
        _wanted.TryGetValue(dimension, out var values) && values.Contains(value);

    private bool IsChosen(InstrumentInfo one) => one.Name == Instrument && (Meter is null || one.Meter == Meter);

    private void Want(string dimension, string value)
    {
        if (!_wanted.TryGetValue(dimension, out var values))
            _wanted[dimension] = values = [];
        if (!values.Remove(value))
            values.Add(value);
        if (values.Count == 0)
            _wanted.Remove(dimension);
        Refresh();
    }

    private void Split(string dimension)
    {
        if (!_splits.Remove(dimension))
            _splits.Add(dimension);
        Refresh();
    }

    private string Address(InstrumentInfo one) => Navigation.GetUriWithQueryParameters(
        new Uri(Navigation.BaseUri + Links.Metrics(Name)[1..] + new Uri(Navigation.Uri).Query).ToString(),
        new Dictionary<string, object?> { ["meter"] = one.Meter, ["instrument"] = one.Name, ["measure"] = null });

    private void Set(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);

    private static string Words(MetricMeasure measure) => measure switch
    {
        MetricMeasure.Rate => "Rate",
        MetricMeasure.Percentiles => "Percentiles",
        _ => "Total",
    };

    private static string Pressed(bool on) => on ? "true" : "false";
}
