using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace SdAspire.Scaler.Jobs;

/// <summary>
/// The jobs that run and, up to the history limits, those that have ended, each with the end of its log. Memory is bounded by
/// the limits times <see cref="MaxLogLines"/>.
/// </summary>
public sealed class JobHistory(IOptions<ScalerOptions> options)
{
    /// <summary>Lines that are kept of a job's log: its last ones.</summary>
    public const int MaxLogLines = 500;

    private const int MaxLineLength = 4096;

    // A follower that is further behind is let go, rather than hold up the jobs or miss something without knowing.
    private const int MaxEventsBehind = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly List<Channel<JobEvent>> _followers = [];

    /// <summary>All of them, the newest last.</summary>
    public IReadOnlyList<Job> Jobs
    {
        get
        {
            lock (_lock)
                return [.. _entries.Values.Select(entry => entry.Job).OrderBy(job => job.StartedAt)];
        }
    }

    /// <summary>Gets the last lines that a job wrote.</summary>
    public bool TryGetLog(string name, [NotNullWhen(true)] out IReadOnlyList<JobLine>? lines)
    {
        lock (_lock)
            lines = _entries.TryGetValue(name, out var entry) ? [.. entry.Log] : null;
        return lines is not null;
    }

    public void Started(string name, int processId, DateTimeOffset at)
    {
        lock (_lock)
        {
            var entry = _entries[name] = new Entry(new Job(name, JobState.Pending, processId, at));
            Tell(new JobChanged(entry.Job));
        }
    }

    public void Ready(string name) => Change(name, job => job with { State = JobState.Running });

    public void Ended(string name, int exitCode, DateTimeOffset at)
    {
        Change(name, job => job with
        {
            State = exitCode == 0 ? JobState.Succeeded : JobState.Failed,
            ExitCode = exitCode,
            EndedAt = at,
        });
        lock (_lock)
        {
            Forget(JobState.Succeeded, options.Value.SuccessfulJobsHistoryLimit);
            Forget(JobState.Failed, options.Value.FailedJobsHistoryLimit);
        }
    }

    public void Wrote(string name, string text, bool isError)
    {
        var line = new JobLine(name, text.Length > MaxLineLength ? text[..MaxLineLength] : text, isError);
        lock (_lock)
        {
            if (!_entries.TryGetValue(name, out var entry))
                return;
            if (entry.Log.Count == MaxLogLines)
                entry.Log.Dequeue();
            entry.Log.Enqueue(line);
            Tell(line);
        }
    }

    /// <summary>
    /// Follows the jobs: first those that run, with their logs so far, then what happens. It ends when the follower is too far
    /// behind, who then begins anew.
    /// </summary>
    public async IAsyncEnumerable<JobEvent> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<JobEvent>(new BoundedChannelOptions(MaxEventsBehind) { SingleReader = true });
        List<JobEvent> now;
        lock (_lock)
        {
            var active = _entries.Values.Where(entry => entry.Job.IsActive).ToList();
            now = [new JobsActive([.. active.Select(entry => entry.Job)]), .. active.SelectMany(entry => entry.Log)];
            _followers.Add(channel);
        }
        try
        {
            foreach (var change in now)
                yield return change;
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            lock (_lock)
                _followers.Remove(channel);
        }
    }

    private void Change(string name, Func<Job, Job> change)
    {
        lock (_lock)
        {
            // A worker that ended at once may be seen ready after its end.
            if (!_entries.TryGetValue(name, out var entry) || !entry.Job.IsActive)
                return;
            entry.Job = change(entry.Job);
            Tell(new JobChanged(entry.Job));
        }
    }

    private void Forget(JobState state, int limit)
    {
        var ended = _entries.Values.Where(entry => entry.Job.State == state).OrderByDescending(entry => entry.Job.EndedAt);
        foreach (var entry in ended.Skip(limit).ToList())
            _entries.Remove(entry.Job.Name);
    }

    private void Tell(JobEvent change)
    {
        foreach (var follower in _followers.Where(follower => !follower.Writer.TryWrite(change)).ToList())
        {
            follower.Writer.TryComplete();
            _followers.Remove(follower);
        }
    }

    private sealed class Entry(Job job)
    {
        public Job Job { get; set; } = job;

        public Queue<JobLine> Log { get; } = new();
    }
}
