using Google.Protobuf.Collections;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Reads the points of one request.</summary>
internal sealed class MetricReader(TelemetryStore store, AttributeReader attributes, Outcome outcome)
{
    private const uint NoValue = 1;

    public List<MetricSample> Read(ResourceMetrics sent)
    {
        var samples = new List<MetricSample>();
        var resource = store.Resource(sent.Resource, attributes, outcome);
        foreach (var scope in sent.ScopeMetrics)
        {
            var meter = attributes.Text(scope.Scope?.Name ?? "", outcome);
            foreach (var metric in scope.Metrics)
                Read(metric, meter, resource, samples);
        }
        return samples;
    }

    private void Read(Metric metric, string meter, TelemetryResource resource, List<MetricSample> samples)
    {
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                Numbers(metric.Gauge.DataPoints, InstrumentType.Gauge, AggregationTemporality.Cumulative);
                break;
            case Metric.DataOneofCase.Sum:
                Numbers(
                    metric.Sum.DataPoints, metric.Sum.IsMonotonic ? InstrumentType.Counter : InstrumentType.UpDownCounter,
                    metric.Sum.AggregationTemporality);
                break;
            case Metric.DataOneofCase.Histogram:
                ExplicitHistograms(metric.Histogram);
                break;
            case Metric.DataOneofCase.ExponentialHistogram:
                ExponentialHistograms(metric.ExponentialHistogram);
                break;
            case Metric.DataOneofCase.Summary:
                outcome.Reject("points of summaries, which are not supported", metric.Summary.DataPoints.Count);
                break;
        }

        void Numbers(RepeatedField<NumberDataPoint> points, InstrumentType type, AggregationTemporality temporality)
        {
            var instrument = Instrument(type);
            foreach (var point in points)
            {
                var value = point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
                if ((point.Flags & NoValue) != 0) continue;
                if (!double.IsFinite(value)) outcome.Reject("points that are no numbers");
                else Add(instrument, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, temporality, value, null);
            }
        }

        void ExplicitHistograms(Histogram histogram)
        {
            var instrument = Instrument(InstrumentType.Histogram);
            foreach (var point in histogram.DataPoints.Where(point => (point.Flags & NoValue) == 0))
            {
                if (Explicit(point) is not { } distribution)
                    outcome.Reject("histograms whose buckets and bounds do not fit");
                else
                    Add(instrument, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano,
                        histogram.AggregationTemporality, 0, distribution);
            }
        }

        void ExponentialHistograms(ExponentialHistogram histogram)
        {
            var instrument = Instrument(InstrumentType.Histogram);
            foreach (var point in histogram.DataPoints.Where(point => (point.Flags & NoValue) == 0))
                Add(instrument, point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano,
                    histogram.AggregationTemporality, 0, Exponential(point));
        }

        InstrumentInfo Instrument(InstrumentType type) => new(
            meter, attributes.Text(metric.Name, outcome), attributes.Text(metric.Description, outcome),
            attributes.Text(metric.Unit, outcome), type);

        void Add(
            InstrumentInfo instrument, RepeatedField<KeyValue> dimensions, ulong start, ulong time,
            AggregationTemporality temporality, double value, Distribution? distribution) => samples.Add(new MetricSample
            {
                Resource = resource,
                Instrument = instrument,
                Dimensions = new DimensionSet(attributes.Read(dimensions, outcome)),
                Start = OtlpValues.Time(start == 0 ? time : start),
                Time = OtlpValues.Time(time),
                IsDelta = temporality == AggregationTemporality.Delta,
                Value = value,
                Distribution = distribution,
            });
    }

    private static ExplicitDistribution? Explicit(HistogramDataPoint point)
    {
        // A sender may leave the buckets out: then all lie in one.
        if (point.BucketCounts.Count == 0)
            return point.ExplicitBounds.Count > 0 ? null : new ExplicitDistribution(point.Count, point.Sum, [], [point.Count]);
        if (point.BucketCounts.Count != point.ExplicitBounds.Count + 1) return null;
        for (var i = 1; i < point.ExplicitBounds.Count; i++)
        {
            if (!(point.ExplicitBounds[i] > point.ExplicitBounds[i - 1])) return null;
        }
        return new ExplicitDistribution(point.Count, point.Sum, [.. point.ExplicitBounds], [.. point.BucketCounts]);
    }

    private static ExponentialDistribution Exponential(ExponentialHistogramDataPoint point) => new(
        point.Count, point.Sum, point.Scale, point.ZeroThreshold, point.ZeroCount,
        Filled(point.Positive), Filled(point.Negative));

    private static Dictionary<int, ulong> Filled(ExponentialHistogramDataPoint.Types.Buckets? buckets)
    {
        var filled = new Dictionary<int, ulong>();
        for (var i = 0; i < (buckets?.BucketCounts.Count ?? 0); i++)
        {
            if (buckets!.BucketCounts[i] > 0) filled[buckets.Offset + i] = buckets.BucketCounts[i];
        }
        return filled;
    }
}
