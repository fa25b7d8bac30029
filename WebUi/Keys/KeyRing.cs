using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace SdAspire.WebUi.Keys;

/// <summary>
/// The keys that protect cookies and forms, in memory: data protection asks for them without waiting, so that
/// <see cref="KeyRingService"/> brings them here from the bucket before anybody asks.
/// </summary>
public sealed class KeyRing : IXmlRepository
{
    private readonly Lock _gate = new();
    private IReadOnlyList<XElement> _shared = [];
    private XElement? _temporary;
    private CancellationTokenSource _changed = new();

    /// <summary>Whether these are the keys that every replica has.</summary>
    public bool IsShared
    {
        get
        {
            lock (_gate)
                return _shared.Count > 0;
        }
    }

    /// <summary>Is cancelled once the keys are others.</summary>
    public CancellationToken Changed
    {
        get
        {
            lock (_gate)
                return _changed.Token;
        }
    }

    public void Share(IReadOnlyList<XElement> keys)
    {
        lock (_gate)
        {
            if (_shared.SequenceEqual(keys, XNode.EqualityComparer))
                return;
            _shared = keys;
        }
        Announce();
    }

    /// <summary>A key of this process alone. It stays beside the shared ones, for what it has protected.</summary>
    public void AddTemporary(XElement key)
    {
        lock (_gate)
            _temporary = key;
        Announce();
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_gate)
            return [.. _shared.Concat(_temporary is null ? [] : [_temporary]).Select(key => new XElement(key))];
    }

    /// <summary>Never called: <see cref="KeyRingService"/> makes the keys.</summary>
    public void StoreElement(XElement element, string friendlyName) => throw new NotSupportedException();

    private void Announce()
    {
        CancellationTokenSource old;
        lock (_gate)
            (old, _changed) = (_changed, new CancellationTokenSource());
        old.Cancel();
    }
}
