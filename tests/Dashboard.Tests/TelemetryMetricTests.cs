using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;
using static SdAspire.Dashboard.Tests.OtlpMessages;
using Buckets = SdAspire.Hosting.Dashboard.Otlp.Protocol.ExponentialHistogramDataPoint.Types.Buckets;

namespace SdAspire.Dashboard.Tests;

public sealed class TelemetryMetricTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_counter_has_a_total_and_a_rate(bool isDelta)
    {
        using var telemetry = new TelemetryBench();
        var temporality = isDelta ? AggregationTemporality.Delta : AggregationTemporality.Cumulative;
        telemetry.Receive(Metrics("a", Counter(
            temporality, Point(10, 20), Point(20, isDelta ? 0 : 20), Point(30, isDelta ? 40 : 60))));

        var points = Query(telemetry, "counter", 0, 40, 10).Series.ShouldHaveSingleItem().Points;
        points.Select(point => point.Time).ShouldBe([At(10), At(20), At(30), At(40)]);
        points.Select(point => point.Rate).ShouldBe([2, 0, 4, null]);
        points.Select(point => point.Value).ShouldBe([20, 20, 60, null]);
    }

    [Fact]
    public void A_rate_is_right_where_points_and_steps_do_not_fall_together()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Metrics("a", Counter(AggregationTemporality.Cumulative, Point(10, 10), Point(20, 40))));
        // Half of the first ten seconds at 1/s and half of the second at 3/s; then five seconds of which nothing more is known.
        var points = Query(telemetry, "counter", 5, 25, 10).Series.ShouldHaveSingleItem().Points;
        points.Select(point => point.Rate).ShouldBe([2, 3]);
        points.Select(point => point.Value).ShouldBe([25, 40]);
    }

    [Fact]
    public void A_counter_that_begins_anew_does_not_fall()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Metrics("a", Counter(AggregationTemporality.Cumulative, Point(10, 100), Point(20, 30))));
        Query(telemetry, "counter", 0, 20, 10).Series.ShouldHaveSingleItem().Points.Select(point => point.Rate).ShouldBe([10, 3]);
    }

    [Fact]
    public void A_level_stays_until_another_is_told_and_ends_with_the_last()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Metrics("a", new Metric
        {
            Name = "gauge",
            Gauge = new Gauge { DataPoints = { Point(10, 1), Point(20, 1), Point(30, 1), Point(40, 1), Point(50, 5) } },
        }));
        Query(telemetry, "gauge", 0, 70, 10).Series.ShouldHaveSingleItem().Points.Select(point => point.Value)
            .ShouldBe([1, 1, 1, 1, 5, null, null]);
    }

    [Fact]
    public void An_up_down_counter_of_differences_is_added_up()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Metrics("a", new Metric
        {
            Name = "busy",
            Sum = new Sum
            {
                AggregationTemporality = AggregationTemporality.Delta,
                DataPoints = { Point(10, 3), Point(20, -1), Point(30, 2) },
            },
        }));
        var result = Query(telemetry, "busy", 0, 30, 10);
        result.Instrument.Type.ShouldBe(InstrumentType.UpDownCounter);
        result.Series.ShouldHaveSingleItem().Points.Select(point => point.Value).ShouldBe([3, 2, 4]);
    }

    [Fact]
    public void Series_are_told_apart_filtered_and_added_by_dimension()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Metrics("a", Counter(AggregationTemporality.Cumulative,
            Point(10, 10, ("method", "GET"), ("status", "200")),
            Point(10, 20, ("status", "500"), ("method", "GET")),
            Point(10, 30, ("method", "POST"), ("status", "200")))));

        var all = Query(telemetry, "counter", 0, 10, 10);
        all.Dimensions.Select(dimension => (dimension.Name, string.Join(',', dimension.Values)))
            .ShouldBe([("method", "GET,POST"), ("status", "200,500")]);
        Values(all).ShouldBe([("GET,200", 10), ("GET,500", 20), ("POST,200", 30)]);
        Values(Query(telemetry, "counter", 0, 10, 10, groupBy: [])).ShouldBe([("", 60)]);
        Values(Query(telemetry, "counter", 0, 10, 10, groupBy: ["method"])).ShouldBe([("GET", 30), ("POST", 30)]);
        var where = new Dictionary<string, IReadOnlySet<string>> { ["status"] = new HashSet<string> { "200" } };
        Values(Query(telemetry, "counter", 0, 10, 10, groupBy: [], where: where)).ShouldBe([("", 40)]);

        static (string, double?)[] Values(MetricResult result) => [.. result.Series.Select(series =>
            (string.Join(',', series.Dimensions.Select(item => item.Value)), series.Points[^1].Value))];
    }

    [Fact]
    public void Percentiles_of_a_histogram_are_those_computed_by_hand()
    {
        using var telemetry = new TelemetryBench();
        // First: 10 up to 1, 20 above 1 up to 2, 10 above 2 up to 4. Half of 40 is 20: 10 of the 20 in the second bucket, 1.5.
        // 90 % is 36: 6 of the 10 in the third, 3.2. 99 % is 39.6: 9.6 of them, 3.92.
        // Then: 5 more up to 1, and 5 beyond the last boundary, told as that boundary.
        telemetry.Receive(Metrics("a", new Metric
        {
            Name = "latency",
            Unit = "s",
            Histogram = new Histogram
            {
                AggregationTemporality = AggregationTemporality.Cumulative,
                DataPoints =
                {
                    Histogram(10, 64, 10, 20, 10, 0), Histogram(20, 64, 10, 20, 10, 0), Histogram(30, 114, 15, 20, 10, 5),
                },
            },
        }));

        var result = Query(telemetry, "latency", 0, 30, 10);
        result.Instrument.ShouldBe(new InstrumentInfo("tests", "latency", "", "s", InstrumentType.Histogram));
        var points = result.Series.ShouldHaveSingleItem().Points;
        points.Select(point => point.Rate).ShouldBe([4, null, 1]);
        points.Select(point => point.Value).ShouldBe([1.6, null, 5]);
        points[0].Percentiles!.P50.ShouldBe(1.5, 1e-9);
        points[0].Percentiles!.P90.ShouldBe(3.2, 1e-9);
        points[0].Percentiles!.P99.ShouldBe(3.92, 1e-9);
        // Half of 10 is all of the first five: the upper end of the first bucket.
        points[2].Percentiles.ShouldBe(new Percentiles(1, 4, 4));
    }

    [Fact]
    public void Percentiles_of_an_exponential_histogram_hold_when_its_scale_falls()
    {
        using var telemetry = new TelemetryBench();
        // Scale 1: powers of the square root of 2. Indexes 2 and 3 are (2, 2.83] and (2.83, 4].
        var first = Exponential(10, 1, zeros: 10, offset: 2, 4, 4);
        // Scale 0: powers of 2. Index 1 is (2, 4], which held 8 before, and 2 is (4, 8].
        var second = Exponential(20, 0, zeros: 10, offset: 1, 8, 10);
        telemetry.Receive(Metrics("a", new Metric
        {
            Name = "sizes",
            ExponentialHistogram = new ExponentialHistogram
            {
                AggregationTemporality = AggregationTemporality.Cumulative,
                DataPoints = { first, second },
            },
        }));
        var points = Query(telemetry, "sizes", 0, 20, 10).Series.ShouldHaveSingleItem().Points;
        points[0].Rate.ShouldBe(1.8);
        points[0].Percentiles!.P50.ShouldBe(0);
        // 16.2 of 18: 2.2 of the 4 above the root of 8.
        points[0].Percentiles!.P90.ShouldBe(Math.Sqrt(8) + (4 - Math.Sqrt(8)) * 2.2 / 4, 1e-9);
        points[1].Rate.ShouldBe(1);
        points[1].Percentiles!.P50.ShouldBe(6);
    }

    [Fact]
    public void Buckets_that_do_not_fit_their_boundaries_are_rejected()
    {
        using var telemetry = new TelemetryBench();
        var point = Histogram(10, 1, 1, 2, 3, 4);
        point.ExplicitBounds.Add(8);
        var odd = new Metric { Name = "odd", Histogram = new Histogram { DataPoints = { point } } };
        var response = telemetry.Receive(Metrics("a", odd));
        response.PartialSuccess.RejectedDataPoints.ShouldBe(1);
        telemetry.Store.Instruments("a").ShouldBeEmpty();
    }

    [Fact]
    public void Instruments_and_sets_of_dimensions_are_limited()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxInstrumentCount = 2, MaxDimensionCount = 2 });
        var wide = Counter(
            AggregationTemporality.Cumulative, [.. Enumerable.Range(0, 5).Select(i => Point(10, i, ("n", $"{i}")))]);
        telemetry.Receive(Metrics("a", wide)).PartialSuccess.RejectedDataPoints.ShouldBe(3);
        telemetry.Receive(Metrics("a", wide)).PartialSuccess.RejectedDataPoints.ShouldBe(3);
        var others = Enumerable.Range(0, 3).Select(i =>
            new Metric { Name = $"gauge{i}", Gauge = new Gauge { DataPoints = { Point(10, 1) } } });
        telemetry.Receive(Metrics("a", [.. others])).PartialSuccess.RejectedDataPoints.ShouldBe(2);
        telemetry.Store.Instruments("a").Select(instrument => instrument.Name).ShouldBe(["counter", "gauge0"]);
        telemetry.Receive(Metrics("b", wide)).PartialSuccess.RejectedDataPoints.ShouldBe(3);
    }

    [Fact]
    public void The_oldest_points_make_room_in_a_series_and_in_all()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxMetricsCount = 100, MaxMetricBytes = 16 * 1024 });
        telemetry.Receive(Metrics("gone", new Metric { Name = "gauge", Gauge = new Gauge { DataPoints = { Point(0, 1) } } }));
        for (var i = 1; i <= 1_000; i++)
            telemetry.Receive(Metrics("a", new Metric { Name = "gauge", Gauge = new Gauge { DataPoints = { Point(i, i) } } }));

        Query(telemetry, "gauge", 0, 1_000, 1).Series.ShouldHaveSingleItem().Points.Count(point => point.Value is not null)
            .ShouldBeInRange(100 - 64, 100);
        telemetry.Store.Instruments("gone").ShouldNotBeEmpty();
        // Sixteen chunks of a kilobyte fit; each new series takes one.
        for (var i = 0; i < 16; i++)
        {
            telemetry.Receive(Metrics(
                $"s{i}", new Metric { Name = "gauge", Gauge = new Gauge { DataPoints = { Point(i, i) } } }));
        }
        telemetry.Store.Instruments("gone").ShouldBeEmpty();
        telemetry.Store.Instruments("a").ShouldBeEmpty();
        telemetry.Store.Instruments("s15").ShouldNotBeEmpty();
    }

    [Fact]
    public void Questions_that_make_no_sense_are_refused()
    {
        using var telemetry = new TelemetryBench();
        Should.Throw<ArgumentException>(() => Query(telemetry, "x", 0, 10, 0));
        Should.Throw<ArgumentException>(() => Query(telemetry, "x", 10, 10, 1));
        Should.Throw<ArgumentException>(() => Query(telemetry, "x", 0, 100_000, 1));
        telemetry.Store.Metric(new MetricQuery
        {
            Resource = "a", Meter = "tests", Instrument = "x", Start = At(0), End = At(10), Step = TimeSpan.FromSeconds(1),
        }).ShouldBeNull();
    }

    private static DateTimeOffset At(double seconds) => Noon.AddSeconds(seconds);

    private static MetricResult Query(
        TelemetryBench telemetry, string instrument, double from, double to, double step,
        IReadOnlyList<string>? groupBy = null, IReadOnlyDictionary<string, IReadOnlySet<string>>? where = null) =>
        telemetry.Store.Metric(new MetricQuery
        {
            Resource = "a", Meter = "tests", Instrument = instrument, Start = At(from), End = At(to),
            Step = TimeSpan.FromSeconds(step), GroupBy = groupBy, Where = where,
        })!;

    private static Metric Counter(AggregationTemporality temporality, params NumberDataPoint[] points) => new()
    {
        Name = "counter",
        Sum = new Sum { IsMonotonic = true, AggregationTemporality = temporality, DataPoints = { points } },
    };

    private static NumberDataPoint Point(double seconds, double value, params (string Name, string Value)[] dimensions) => new()
    {
        StartTimeUnixNano = Nanoseconds(Noon),
        TimeUnixNano = Nanoseconds(At(seconds)),
        AsDouble = value,
        Attributes = { dimensions.Select(dimension => Attribute(dimension.Name, dimension.Value)) },
    };

    private static HistogramDataPoint Histogram(double seconds, double sum, params ulong[] counts) => new()
    {
        StartTimeUnixNano = Nanoseconds(Noon),
        TimeUnixNano = Nanoseconds(At(seconds)),
        Count = counts.Aggregate((a, b) => a + b),
        Sum = sum,
        ExplicitBounds = { 1, 2, 4 },
        BucketCounts = { counts },
    };

    private static ExponentialHistogramDataPoint Exponential(
        double seconds, int scale, ulong zeros, int offset, params ulong[] counts) => new()
    {
        StartTimeUnixNano = Nanoseconds(Noon),
        TimeUnixNano = Nanoseconds(At(seconds)),
        Count = zeros + counts.Aggregate((a, b) => a + b),
        Scale = scale,
        ZeroCount = zeros,
        Positive = new Buckets { Offset = offset, BucketCounts = { counts } },
    };
}
