namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>
/// Gives each resource a name that no other has. A single instance has the service's name, so that it reads as the resource of
/// the AppHost that it is. Only those change their name whose service has become one of several instances, or of one.
/// </summary>
internal sealed class DisplayNames
{
    private readonly Dictionary<string, HashSet<TelemetryResource>> _services = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, TelemetryResource> _taken = new(StringComparer.OrdinalIgnoreCase);

    public void Add(TelemetryResource resource)
    {
        if (!_services.TryGetValue(resource.Name, out var instances))
            _services.Add(resource.Name, instances = []);
        instances.Add(resource);
        if (instances.Count == 2)
        {
            var first = instances.First();
            _taken.Remove(first.DisplayName);
            Name(first);
        }
        Name(resource);
    }

    public void Remove(TelemetryResource resource)
    {
        _taken.Remove(resource.DisplayName);
        var instances = _services[resource.Name];
        instances.Remove(resource);
        if (instances.Count == 0)
        {
            _services.Remove(resource.Name);
        }
        else if (instances.Count == 1)
        {
            var last = instances.First();
            _taken.Remove(last.DisplayName);
            Name(last);
        }
    }

    private void Name(TelemetryResource resource)
    {
        var isSingle = _services[resource.Name].Count == 1;
        var wanted = isSingle ? resource.Name : WithInstance(resource);
        // A service is found under its own name, whatever another's instances are called.
        if (isSingle && _taken.Remove(wanted, out var instance))
        {
            _taken.Add(wanted, resource);
            resource.DisplayName = wanted;
            Name(instance);
            return;
        }
        var name = wanted;
        for (var n = 2; !_taken.TryAdd(name, resource); n++)
            name = $"{wanted} ({n})";
        resource.DisplayName = name;
    }

    // An AppHost's instances already begin with the service's name.
    private static string WithInstance(TelemetryResource resource) => resource.InstanceId switch
    {
        "" => resource.Name,
        var id when id.StartsWith(resource.Name + "-", StringComparison.OrdinalIgnoreCase) => id,
        var id => $"{resource.Name}-{id}",
    };
}
