using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>The last lines of one resource. Each reader keeps its own place, so that a slow one costs no memory.</summary>
sealed class ResourceLog
{
    /// <summary>The longest line that is kept in one piece.</summary>
    public const int MaxLineLength = 64 << 10;

    private const int MaxLines = 10_000;
    private const int MaxCharacters = 8 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private TaskCompletionSource _changed = New();
    private long _first;
    private long _characters;
    private bool _complete;

    /// <summary>Completes when there is more to read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    public bool IsComplete
    {
        get
        {
            lock (_lock) return _complete;
        }
    }

    public void Write(string line, bool isError)
    {
        if (line.Length > MaxLineLength) line = string.Concat(line.AsSpan(0, MaxLineLength), " …");
        lock (_lock)
        {
            _characters += line.Length;
            _lines.Enqueue(new((int)(_first + _lines.Count + 1), line, isError));
            while (_lines.Count > MaxLines || _characters > MaxCharacters)
            {
                _characters -= _lines.Dequeue().Content.Length;
                _first++;
            }
            Signal();
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            _complete = true;
            Signal();
        }
    }

    /// <summary>Reads all from a place on; what is no longer kept is left out.</summary>
    public IReadOnlyList<LogLine> Read(long from, out long next)
    {
        lock (_lock)
        {
            next = _first + _lines.Count;
            return from >= next ? [] : [.. _lines.Skip((int)Math.Max(0, from - _first))];
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
