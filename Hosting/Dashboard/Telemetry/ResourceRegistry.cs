namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>The resources that sent telemetry; each sender is one object.</summary>
internal sealed class ResourceRegistry(int maxCount)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string InstanceId), Entry> _entries = [];
    private long _clock;

    private sealed class Entry(TelemetryResource resource)
    {
        public TelemetryResource Resource => resource;

        public long LastSeen { get; set; }
    }

    public IReadOnlyList<TelemetryResource> All()
    {
        lock (_lock)
        {
            return [.. _entries.Values.Select(entry => entry.Resource)
                .OrderBy(resource => resource.DisplayName, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>The resource of this name and instance, and the one that had to make room for it.</summary>
    public (TelemetryResource Resource, TelemetryResource? Evicted, bool IsNew) GetOrAdd(
        string name, string instanceId, IReadOnlyList<TelemetryAttribute> attributes)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue((name, instanceId), out var known))
            {
                known.LastSeen = ++_clock;
                if (!known.Resource.Attributes.SequenceEqual(attributes)) known.Resource.Attributes = attributes;
                return (known.Resource, null, false);
            }

            TelemetryResource? evicted = null;
            if (_entries.Count >= maxCount)
            {
                var (key, oldest) = _entries.MinBy(entry => entry.Value.LastSeen);
                _entries.Remove(key);
                evicted = oldest.Resource;
            }
            var added = new Entry(new TelemetryResource(name, instanceId, attributes)) { LastSeen = ++_clock };
            _entries.Add((name, instanceId), added);
            NameAll();
            return (added.Resource, evicted, true);
        }
    }

    public void Remove(string? filter)
    {
        lock (_lock)
        {
            foreach (var (key, _) in _entries.Where(entry => entry.Value.Resource.Matches(filter)).ToList())
                _entries.Remove(key);
            NameAll();
        }
    }

    // A single instance has the service's name, so that it reads as the resource of the AppHost that it is.
    private void NameAll()
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var byName = _entries.Values.Select(entry => entry.Resource).GroupBy(r => r.Name, StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Count());
        foreach (var group in byName)
        {
            var resources = group.ToList();
            foreach (var resource in resources)
            {
                var wanted = resources.Count == 1 ? resource.Name : WithInstance(resource);
                var name = wanted;
                for (var n = 2; !taken.Add(name); n++) name = $"{wanted} ({n})";
                resource.DisplayName = name;
            }
        }
    }

    // An AppHost's instances already begin with the service's name.
    private static string WithInstance(TelemetryResource resource) => resource.InstanceId switch
    {
        "" => resource.Name,
        var id when id.StartsWith(resource.Name + "-", StringComparison.OrdinalIgnoreCase) => id,
        var id => $"{resource.Name}-{id}",
    };
}
