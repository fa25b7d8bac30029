namespace Aspire.Hosting.Running;

/// <summary>
/// How long to wait before a crashed resource is started again: twice as long each time, until it has run well for a while.
/// </summary>
sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <param name="ranWell">How long the resource ran well before it crashed.</param>
    public TimeSpan Next(TimeSpan ranWell)
    {
        var delay = ranWell >= Forgiven ? First : _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay;
    }
}
