using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Keys;

/// <summary>
/// Keeps the ring in step with the bucket, which all replicas share: read before the server starts, made there if there is none,
/// renewed in time. Keys are numbered and written only if their number is free, so that replicas which find one missing
/// at the same time end up with the same one. Where the storage is away at the start, a key of this process alone serves until
/// it is back: pages work, and the service says that it is not healthy.
/// </summary>
public sealed partial class KeyRingService(
    IObjectStore store, KeyRing ring, KeyFactory keys, TimeProvider time, ILogger<KeyRingService> logger)
    : BackgroundService, IHostedLifecycleService
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>How long before its end a key gets a successor.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromDays(14);

    /// <summary>How long a successor waits until it is used: until every replica has read it.</summary>
    public static readonly TimeSpan Propagation = TimeSpan.FromDays(2);

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, XElement> _known = new(StringComparer.Ordinal);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        if (await TrySynchronizeAsync(cancellationToken))
            return;
        // From long ago, so that any key of the ring is preferred to it.
        ring.AddTemporary(keys.Create(DateTimeOffset.UnixEpoch, time.GetUtcNow() + Lifetime));
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the ring, and makes a key if it has none that lasts.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task SynchronizeAsync(CancellationToken cancellationToken)
    {
        var (found, last) = await ReadAsync(cancellationToken);
        var now = time.GetUtcNow();
        var end = found.Values.Select(Expiration).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        if (end < now + RenewBefore)
        {
            // At once where there is nothing left to bridge the time with.
            var activation = end < now + Propagation ? now : now + Propagation;
            var number = last + 1;
            var key = Encoding.UTF8.GetBytes(keys.Create(activation, activation + Lifetime).ToString());
            var name = ObjectKeys.ProtectionKey(number);
            if (await store.PutAsync(name, key, "application/xml", onlyIfAbsent: true, cancellationToken))
                LogMade(number, activation);
            // Also where another replica was faster: then it is its key that counts.
            (found, _) = await ReadAsync(cancellationToken);
        }
        ring.Share([.. found.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => key.Value)]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What nobody asked for is no trace.
        using var untraced = Untraced.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(ring.IsShared ? Period : RetryPeriod, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                await TrySynchronizeAsync(stoppingToken);
        }
    }

    private async Task<bool> TrySynchronizeAsync(CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        try
        {
            await SynchronizeAsync(until.Token);
            return true;
        }
        catch (Exception e) when (e is StorageUnavailableException
            || (e is OperationCanceledException && patience.IsCancellationRequested && !stopping.IsCancellationRequested))
        {
            // That the storage is away is told by those who need it more often.
            LogAway(e.Message);
            return false;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <returns>The keys, and the last number that is taken, also by one that cannot be read.</returns>
    private async Task<(Dictionary<string, XElement> Keys, int Last)> ReadAsync(CancellationToken cancellationToken)
    {
        var last = 0;
        var found = new Dictionary<string, XElement>(StringComparer.Ordinal);
        await foreach (var name in store.ListAsync(ObjectKeys.ProtectionKeysPrefix, cancellationToken))
        {
            if (ObjectKeys.NumberOfProtectionKey(name) is not { } number)
                continue;
            last = Math.Max(last, number);
            if (_known.TryGetValue(name, out var known) || (known = await ParseAsync(name, cancellationToken)) is not null)
                found[name] = _known[name] = known;
        }
        return (found, last);
    }

    private async Task<XElement?> ParseAsync(string name, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(name, cancellationToken) is not { } stored)
            return null;
        try
        {
            using var content = new MemoryStream(stored.Content);
            var key = XElement.Load(content);
            _ = Expiration(key);
            return key;
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            LogUnreadable(name, e.Message);
            return null;
        }
    }

    private static DateTimeOffset Expiration(XElement key) => DateTimeOffset.Parse(
        key.Element("expirationDate")?.Value ?? throw new FormatException("It has no expirationDate."),
        CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Information, "Key {Number} for cookies and forms was made, to be used from {Activation:u}")]
    private partial void LogMade(int number, DateTimeOffset activation);

    [LoggerMessage(LogLevel.Debug, "The keys for cookies and forms cannot be read: {Message}")]
    private partial void LogAway(string message);

    [LoggerMessage(LogLevel.Warning, "The key {Name} cannot be read: {Message}")]
    private partial void LogUnreadable(string name, string message);
}
