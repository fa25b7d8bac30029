namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>A process that sent telemetry: one instance of a service.</summary>
public sealed class TelemetryResource
{
    private volatile IReadOnlyList<TelemetryAttribute> _attributes;
    private volatile string _displayName;
    private long _lastHeard;

    internal TelemetryResource(string name, string instanceId, IReadOnlyList<TelemetryAttribute> attributes)
    {
        Name = name;
        InstanceId = instanceId;
        _attributes = attributes;
        _displayName = name;
    }

    /// <summary>The service: <c>service.name</c>.</summary>
    public string Name { get; }

    /// <summary><c>service.instance.id</c>; empty where the sender gives none.</summary>
    public string InstanceId { get; }

    /// <summary>The service's name, with the instance while there are several. No two resources share one.</summary>
    public string DisplayName
    {
        get => _displayName;
        internal set => _displayName = value;
    }

    /// <summary>Greater than that of each resource that was heard of before.</summary>
    public long LastHeard
    {
        get => Volatile.Read(ref _lastHeard);
        internal set => Volatile.Write(ref _lastHeard, value);
    }

    /// <summary>What the sender last told about itself.</summary>
    public IReadOnlyList<TelemetryAttribute> Attributes
    {
        get => _attributes;
        internal set => _attributes = value;
    }

    /// <summary>Whether this is what a filter means: the display name, or the service with all its instances.</summary>
    public bool Matches(string? filter) => string.IsNullOrEmpty(filter)
        || string.Equals(DisplayName, filter, StringComparison.OrdinalIgnoreCase)
        || string.Equals(Name, filter, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => DisplayName;
}

/// <summary>A name with its value as text; lists and maps as JSON.</summary>
public readonly record struct TelemetryAttribute(string Name, string Value);
