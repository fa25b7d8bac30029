namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>One data point as it arrives.</summary>
internal sealed record MetricSample
{
    public required TelemetryResource Resource { get; init; }

    public required InstrumentInfo Instrument { get; init; }

    public required DimensionSet Dimensions { get; init; }

    /// <summary>From when on a sum counts.</summary>
    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Counts from the sample before, not from the start.</summary>
    public bool IsDelta { get; init; }

    public double Value { get; init; }

    /// <summary>A histogram's.</summary>
    public Distribution? Distribution { get; init; }
}

/// <summary>Dimensions, in the order of their names, that compare by value.</summary>
internal readonly struct DimensionSet : IEquatable<DimensionSet>
{
    private readonly int _hash;

    public DimensionSet(IEnumerable<TelemetryAttribute> attributes)
    {
        Items = [.. attributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal)];
        var hash = new HashCode();
        foreach (var item in Items)
            hash.Add(item);
        _hash = hash.ToHashCode();
    }

    public IReadOnlyList<TelemetryAttribute> Items { get; }

    public string? this[string name]
    {
        get
        {
            foreach (var item in Items)
            {
                if (item.Name == name) return item.Value;
            }
            return null;
        }
    }

    public bool Equals(DimensionSet other) => _hash == other._hash && Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is DimensionSet other && Equals(other);

    public override int GetHashCode() => _hash;
}
