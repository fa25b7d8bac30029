namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>A time range cut into steps that end with it, in ticks.</summary>
internal sealed class TimeSlots
{
    private readonly long _end;

    public TimeSlots(MetricQuery query)
    {
        if (query.Step <= TimeSpan.Zero) throw new ArgumentException("The step must be positive.", nameof(query));
        if (query.End <= query.Start) throw new ArgumentException("The range must end after its start.", nameof(query));
        var count = Math.Ceiling((query.End - query.Start) / query.Step);
        if (count > MetricQuery.MaxPoints)
            throw new ArgumentException($"There would be more than {MetricQuery.MaxPoints} points.", nameof(query));
        Count = (int)count;
        Step = query.Step.Ticks;
        _end = query.End.UtcTicks;
    }

    public int Count { get; }

    public long Step { get; }

    public long Start(int slot) => End(slot) - Step;

    public long End(int slot) => _end - (Count - 1 - slot) * Step;

    /// <summary>The slot in which a time lies; before the first it is negative.</summary>
    public int At(long ticks) => (int)Math.Clamp(Math.Ceiling((ticks - Start(0)) / (double)Step) - 1, -1, Count);
}
