using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace SdAspire.WebUi.Keys;

/// <summary>Reads the ring, and has it read again at once when it changes instead of a day later.</summary>
internal sealed class SharedKeyManager(XmlKeyManager keys, KeyRing ring) : IKeyManager
{
    public IReadOnlyCollection<IKey> GetAllKeys() => keys.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => ring.Changed;

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => throw new NotSupportedException();

    public void RevokeKey(Guid keyId, string? reason = null) => throw new NotSupportedException();

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => throw new NotSupportedException();
}
