using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler.Jobs;

/// <summary>
/// The jobs that run and, up to the history limits and for <c>ttlSecondsAfterFinished</c>, those that have ended, each with the
/// end of its log. Memory is bounded by the limits times <see cref="MaxLogLines"/>.
/// </summary>
public sealed class JobHistory(IOptions<ScalerOptions> options, TimeProvider time) : IDisposable
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

    /// <summary>How many are in each state.</summary>
    public IReadOnlyDictionary<JobState, int> Count()
    {
        lock (_lock)
            return _entries.Values.CountBy(entry => entry.Job.State).ToDictionary();
    }

    /// <summary>Gets what is known of a job.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Job? job)
    {
        lock (_lock)
            job = _entries.TryGetValue(name, out var entry) ? entry.Job : null;
        return job is not null;
    }

    /// <summary>Gets the last lines that a job wrote.</summary>
    public bool TryGetLog(string name, [NotNullWhen(true)] out IReadOnlyList<JobLine>? lines)
    {
        lock (_lock)
            lines = _entries.TryGetValue(name, out var entry) ? [.. entry.Log] : null;
        return lines is not null;
    }

    public void Started(string name, int processId, string? gpus = null)
    {
        lock (_lock)
        {
            var entry = _entries[name] = new Entry(new Job(name, JobState.Pending, processId, time.GetUtcNow()) { Gpus = gpus });
            Tell(new JobChanged(entry.Job));
        }
    }

    public void Ready(string name, TaskInHand? task) => Change(name, job => With(job, task) with { State = JobState.Running });

    public void Took(string name, TaskInHand task) => Change(name, job => With(job, task));

    public void Ended(string name, ProcessEnd end, JobReason reason, string? message)
    {
        Change(name, job => job with
        {
            State = reason == JobReason.Completed ? JobState.Succeeded : JobState.Failed,
            ExitCode = end.ExitCode,
            Reason = reason,
            Message = reason == JobReason.Completed ? null : message,
            CpuSeconds = end.CpuTime.TotalSeconds,
            EndedAt = time.GetUtcNow(),
        });
        lock (_lock)
        {
            if (_entries.TryGetValue(name, out var entry))
                entry.Expiry = time.CreateTimer(
                    _ => Forget(name), null, Seconds.Of(options.Value.TtlSecondsAfterFinished), Timeout.InfiniteTimeSpan);
            Forget(JobState.Succeeded, options.Value.SuccessfulJobsHistoryLimit);
            Forget(JobState.Failed, options.Value.FailedJobsHistoryLimit);
        }
    }

    public void Dispose()
    {
        lock (_lock)
            foreach (var entry in _entries.Values)
                entry.Expiry?.Dispose();
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
            var before = entry.Job;
            if (before == (entry.Job = change(before)))
                return;
            Tell(new JobChanged(entry.Job));
        }
    }

    private static Job With(Job job, TaskInHand? task) =>
        task is null ? job : job with { Task = task.Task, Attempt = task.Attempt };

    private void Forget(string name)
    {
        lock (_lock)
            if (_entries.Remove(name, out var entry))
                entry.Expiry?.Dispose();
    }

    private void Forget(JobState state, int limit)
    {
        var ended = _entries.Values.Where(entry => entry.Job.State == state).OrderByDescending(entry => entry.Job.EndedAt);
        foreach (var entry in ended.Skip(limit).ToList())
            Forget(entry.Job.Name);
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

        /// <summary>Forgets it some time after its end.</summary>
        public ITimer? Expiry { get; set; }

        public Queue<JobLine> Log { get; } = new();
    }
}
