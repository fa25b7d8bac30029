namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>The last log records.</summary>
internal sealed class LogStore(TelemetryLimits limits)
{
    private readonly Lock _lock = new();
    private Queue<TelemetryLog> _logs = [];
    private long _bytes;
    private long _lastId;

    public void Add(IReadOnlyList<TelemetryLog> logs)
    {
        lock (_lock)
        {
            foreach (var log in logs)
            {
                log.Id = ++_lastId;
                _logs.Enqueue(log);
                _bytes += log.Bytes;
                while (_logs.Count > limits.MaxLogCount || (_bytes > limits.MaxLogBytes && _logs.Count > 1))
                    _bytes -= _logs.Dequeue().Bytes;
            }
        }
    }

    public Page<TelemetryLog> Query(LogQuery query)
    {
        var matches = new List<TelemetryLog>();
        foreach (var log in Snapshot())
        {
            if (IsMatch(log, query)) matches.Add(log);
        }
        // Senders' batches overlap in time.
        matches.Sort((a, b) => a.Time.CompareTo(b.Time) is var order and not 0 ? order : a.Id.CompareTo(b.Id));
        if (!query.OldestFirst) matches.Reverse();
        return Paging.Of(matches, query.Offset, query.Count);
    }

    public void Clear(string? resource)
    {
        lock (_lock)
        {
            _logs = new Queue<TelemetryLog>(_logs.Where(log => !log.Resource.Matches(resource)));
            _bytes = _logs.Sum(log => (long)log.Bytes);
        }
    }

    private TelemetryLog[] Snapshot()
    {
        lock (_lock)
            return _logs.ToArray();
    }

    private static bool IsMatch(TelemetryLog log, LogQuery query) =>
        log.Level >= query.MinimumLevel
        && (query.TraceId is null || string.Equals(log.TraceId, query.TraceId, StringComparison.OrdinalIgnoreCase))
        && (query.SpanId is null || string.Equals(log.SpanId, query.SpanId, StringComparison.OrdinalIgnoreCase))
        && log.Resource.Matches(query.Resource)
        && (string.IsNullOrEmpty(query.Text) || HasText(log, query.Text));

    private static bool HasText(TelemetryLog log, string text) =>
        TextSearch.Has(log.Message, text)
        || TextSearch.Has(log.Category, text)
        || TextSearch.Has(log.EventName, text)
        || TextSearch.Has(log.Attributes, text);
}
