namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>The resources that sent telemetry; each sender is one object.</summary>
internal sealed class ResourceRegistry(int maxCount)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string InstanceId), TelemetryResource> _resources = [];
    private readonly DisplayNames _names = new();
    private long _clock;

    public IReadOnlyList<TelemetryResource> All()
    {
        TelemetryResource[] all;
        lock (_lock)
            all = [.. _resources.Values];
        return [.. all.OrderBy(resource => resource.DisplayName, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The resource of this name and instance, and the one that had to make room for it.</summary>
    public (TelemetryResource Resource, TelemetryResource? Evicted, bool IsNew) GetOrAdd(
        string name, string instanceId, IReadOnlyList<TelemetryAttribute> attributes)
    {
        lock (_lock)
        {
            if (_resources.TryGetValue((name, instanceId), out var known))
            {
                known.LastHeard = ++_clock;
                if (!known.Attributes.SequenceEqual(attributes)) known.Attributes = attributes;
                return (known, null, false);
            }

            TelemetryResource? evicted = null;
            if (_resources.Count >= maxCount)
            {
                evicted = _resources.Values.MinBy(resource => resource.LastHeard)!;
                Remove(evicted);
            }
            var added = new TelemetryResource(name, instanceId, attributes) { LastHeard = ++_clock };
            _resources.Add((name, instanceId), added);
            _names.Add(added);
            return (added, evicted, true);
        }
    }

    public void Remove(string? filter)
    {
        lock (_lock)
        {
            foreach (var resource in _resources.Values.Where(resource => resource.Matches(filter)).ToList())
                Remove(resource);
        }
    }

    private void Remove(TelemetryResource resource)
    {
        _resources.Remove((resource.Name, resource.InstanceId));
        _names.Remove(resource);
    }
}
