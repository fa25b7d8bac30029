namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>What of one request could not be kept. OTLP tells apart what was rejected and what is a warning.</summary>
internal sealed class Outcome
{
    private readonly Dictionary<string, int> _reasons = [];

    public long Rejected { get; private set; }

    /// <summary>Null if all was kept.</summary>
    public string? Message => _reasons.Count == 0
        ? null
        : string.Join("; ", _reasons.Select(reason => $"{reason.Key}: {reason.Value}"));

    public void Reject(string reason, int count = 1)
    {
        Rejected += count;
        Warn(reason, count);
    }

    public void Warn(string reason, int count = 1)
    {
        if (count > 0) _reasons[reason] = _reasons.GetValueOrDefault(reason) + count;
    }

    public void Full(int count, string what, string limit) => Reject($"{what}s beyond {limit}", count);
}
