using System.Runtime.CompilerServices;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps what the resources say.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    // Asked for before anything was written; it is no longer needed when nobody waits any more.
    private readonly Dictionary<ResourceLog, int> _awaited = [];
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Writes into the log of a resource.</summary>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetLogger(resource.Name);
    }

    /// <summary>Writes into the log of a resource.</summary>
    public ILogger GetLogger(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return new ResourceLogger(Log(resourceName));
    }

    /// <summary>Follows the log of a resource, from the oldest line that is kept.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Name);
    }

    /// <summary>Follows the log of a resource, from the oldest line that is kept.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        return FollowAsync(resourceName, CancellationToken.None);
    }

    /// <summary>Gets the lines that are kept.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetAllAsync(resource.Name);
    }

    /// <summary>Gets the lines that are kept.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        yield return Find(resourceName)?.Read(0, out _) ?? [];
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <summary>Ends the log of a resource, and with it those who follow it.</summary>
    public void Complete(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Complete(resource.Name);
    }

    /// <summary>Ends the log of a resource, and with it those who follow it.</summary>
    public void Complete(string name)
    {
        Find(name)?.Complete();
    }

    /// <summary>Takes a line of a resource's output.</summary>
    internal void Write(string resourceName, string line, bool isError) => Log(resourceName).Write(line, isError);

    /// <summary>Forgets the log of a resource that is gone.</summary>
    internal void Remove(string resourceName)
    {
        ResourceLog? log;
        lock (_lock)
        {
            if (!_logs.Remove(resourceName, out log)) return;
            _awaited.Remove(log);
        }
        log.Complete();
    }

    private ResourceLog? Find(string name)
    {
        lock (_lock) return _logs.GetValueOrDefault(name);
    }

    /// <summary>The log to write into.</summary>
    private ResourceLog Log(string name)
    {
        lock (_lock)
        {
            if (!_logs.TryGetValue(name, out var log)) return _logs[name] = new();
            _awaited.Remove(log);
            return log;
        }
    }

    private ResourceLog Await(string name)
    {
        lock (_lock)
        {
            if (!_logs.TryGetValue(name, out var log)) _awaited[log = _logs[name] = new()] = 0;
            if (_awaited.TryGetValue(log, out var readers)) _awaited[log] = readers + 1;
            return log;
        }
    }

    private void Leave(string name, ResourceLog log)
    {
        lock (_lock)
        {
            if (!_awaited.TryGetValue(log, out var readers)) return;
            _awaited[log] = readers - 1;
            if (readers > 1) return;
            _awaited.Remove(log);
            _logs.Remove(name);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> FollowAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var log = Await(name);
        try
        {
            await foreach (var lines in ReadAsync(log, cancellationToken).ConfigureAwait(false)) yield return lines;
        }
        finally
        {
            Leave(name, log);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(
        ResourceLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var next = 0L;
        while (true)
        {
            var more = log.Changed;
            if (log.Read(next, out next) is { Count: > 0 } lines)
                yield return lines;
            else if (log.IsComplete)
                yield break;
            else
                await more.WaitAsync(either.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Ends those who follow a log.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    private sealed class ResourceLogger(ResourceLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var isError = logLevel >= LogLevel.Error;
            foreach (var line in formatter(state, exception).Split('\n')) log.Write(line.TrimEnd('\r'), isError);
            if (exception is not null) log.Write(exception.Message, isError);
        }
    }
}

/// <summary>A line of a resource's log.</summary>
/// <param name="LineNumber">Its number, from 1.</param>
/// <param name="Content">The line.</param>
/// <param name="IsErrorMessage">Whether it tells of an error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
