using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>A line of a worker.</summary>
internal sealed record WorkerLine(string Worker, string Text)
{
    public const string Connected = "Connected to the message broker";
    public const string Painting = "Painting ";
    public const string Loaded = "Loaded the model";
    public const string Painted = "Painted ";

    /// <summary>The task that the line is about.</summary>
    public string? Id => WorkerLog.TaskId().Match(Text) is { Success: true } match ? match.Value : null;

    public bool Says(string what) => Text.Contains(what, StringComparison.Ordinal);
}

/// <summary>What workers say, out of the output of the AppHost.</summary>
internal sealed partial class WorkerLog
{
    private readonly Lock _gate = new();
    private readonly List<WorkerLine> _lines = [];
    private readonly List<Channel<WorkerLine>> _followers = [];

    public void Read(string line)
    {
        if (Line().Match(line) is not { Success: true } match)
            return;
        var said = new WorkerLine(match.Groups["worker"].Value, match.Groups["text"].Value);
        lock (_gate)
        {
            _lines.Add(said);
            foreach (var follower in _followers)
                follower.Writer.TryWrite(said);
        }
    }

    public IReadOnlyList<WorkerLine> Of(string worker)
    {
        lock (_gate)
            return [.. _lines.Where(line => line.Worker == worker)];
    }

    /// <summary>The worker that was the last to begin with the task.</summary>
    public string? PainterOf(string id)
    {
        lock (_gate)
            return _lines.LastOrDefault(line => line.Says(WorkerLine.Painting) && line.Id == id)?.Worker;
    }

    /// <summary>The lines from now on.</summary>
    public async IAsyncEnumerable<WorkerLine> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = Channel.CreateUnbounded<WorkerLine>();
        lock (_gate)
            _followers.Add(lines);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
                yield return line;
        }
        finally
        {
            lock (_gate)
                _followers.Remove(lines);
        }
    }

    [GeneratedRegex(@"\b[0-9A-HJKMNP-TV-Z]{26}\b")]
    internal static partial Regex TaskId();

    [GeneratedRegex(@"^\[scaler\] (?<worker>worker-\w+): (?<text>.*)$")]
    private static partial Regex Line();
}
