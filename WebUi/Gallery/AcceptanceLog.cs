using System.Diagnostics;
using System.Threading.Channels;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Records in the bucket what was accepted. What arrives while a segment is being written goes into the next one together,
/// so that a flood costs a write per group and not per task.
/// </summary>
public sealed class AcceptanceLog(IObjectStore store, TimeProvider time) : BackgroundService
{
    private const int MaxEntriesPerSegment = 500;

    private readonly Channel<Pending> _pending =
        Channel.CreateBounded<Pending>(new BoundedChannelOptions(4 * MaxEntriesPerSegment));

    /// <summary>Returns once the entries are in the bucket, in one segment.</summary>
    /// <exception cref="StorageUnavailableException">They could not be written.</exception>
    public async Task AppendAsync(IReadOnlyList<IndexEntry> entries, CancellationToken cancellationToken)
    {
        var pending = new Pending(
            entries, Activity.Current?.Context ?? default,
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _pending.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StorageUnavailableException("The service is stopping.");
        }
        await pending.Written.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was taken in before the stop is still written; the host bounds how long that may take.
        await using var stopping = stoppingToken.Register(() => _pending.Writer.TryComplete());
        var group = new List<Pending>();
        while (await _pending.Reader.WaitToReadAsync(CancellationToken.None))
        {
            for (var count = 0; count < MaxEntriesPerSegment && _pending.Reader.TryRead(out var pending); count += pending.Entries.Count)
                group.Add(pending);
            await WriteAsync(group);
            group.Clear();
        }
    }

    private async Task WriteAsync(List<Pending> group)
    {
        // A group belongs to the traces of all its entries, but a span has one parent.
        using var span = WebUiTelemetry.Source.StartActivity(
            "record", ActivityKind.Internal, group[0].Trace,
            links: group.Skip(1).Where(pending => pending.Trace != default).Select(pending => new ActivityLink(pending.Trace)));
        try
        {
            await store.PutAsync(
                ObjectKeys.IndexSegment(TaskId.New(time)), IndexEntry.ToSegment(group.SelectMany(pending => pending.Entries)),
                "application/jsonl", onlyIfAbsent: true);
            group.ForEach(pending => pending.Written.SetResult());
        }
        catch (StorageUnavailableException e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            group.ForEach(pending => pending.Written.SetException(e));
        }
    }

    private sealed record Pending(IReadOnlyList<IndexEntry> Entries, ActivityContext Trace, TaskCompletionSource Written);
}
