using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace SdAspire.ServiceDefaults;

/// <summary>
/// Logs when a part of the service becomes well or unwell; a probe that finds what the one before found says nothing.
/// </summary>
internal sealed partial class HealthChanges(ILogger<HealthChanges> logger)
{
    private readonly ConcurrentDictionary<string, HealthStatus> _last = new();

    public void Note(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            var before = HealthStatus.Healthy;
            _last.AddOrUpdate(name, entry.Status, (_, last) =>
            {
                before = last;
                return entry.Status;
            });
            if (entry.Status == before)
                continue;
            if (entry.Status == HealthStatus.Healthy)
                LogWell(name);
            else
                LogUnwell(name, entry.Status, entry.Description ?? entry.Exception?.Message, entry.Exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Part} is healthy again")]
    private partial void LogWell(string part);

    [LoggerMessage(LogLevel.Warning, "{Part} is {Status}: {Description}")]
    private partial void LogUnwell(string part, HealthStatus status, string? description, Exception? exception);
}
