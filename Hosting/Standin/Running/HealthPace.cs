namespace Aspire.Hosting.Running;

/// <summary>
/// How long to wait before the next health check: hardly, as long as a resource has only just started or fallen ill; then longer
/// each time, since whoever stays ill is not to be kept busy with questions.
/// </summary>
sealed class HealthPace(TimeProvider time)
{
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FastFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(5);

    private long _since = time.GetTimestamp();
    private TimeSpan _next = Slow;
    private bool _wasHealthy;

    public TimeSpan Next(bool isHealthy)
    {
        if (isHealthy != _wasHealthy) (_since, _next, _wasHealthy) = (time.GetTimestamp(), Slow, isHealthy);
        if (isHealthy) return Slowest;
        if (time.GetElapsedTime(_since) < FastFor) return Fast;
        var delay = _next;
        _next = delay * 2 < Slowest ? delay * 2 : Slowest;
        return delay;
    }
}
