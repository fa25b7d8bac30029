using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Api;

/// <summary>One step of a picture.</summary>
/// <param name="Id">Of the generation.</param>
/// <param name="Status">As the generation has it.</param>
/// <param name="Progress">How far the painting is.</param>
/// <param name="EstimatedSeconds">From now until its pictures are there, by what its steps took so far; null if nothing can be said.</param>
public sealed record StepView(string Id, GenerationStatus Status, PaintingProgress Progress, double? EstimatedSeconds);

/// <summary>Where the picture is as far as it is painted.</summary>
/// <param name="Id">Of the generation.</param>
/// <param name="Preview">The address of a PNG, another one for each preview.</param>
public sealed record PreviewView(string Id, string Preview);

/// <summary>A generation that is no more.</summary>
/// <param name="Id">It had.</param>
public sealed record DeletedView(string Id);

/// <summary>
/// The events of generations. A generation's event is written once for all who listen. A reader that is slow is waited for and
/// then told the newest: nothing is kept for it.
/// </summary>
internal sealed class GenerationEvents(
    GenerationBoard board, GenerationViews views, Audience audience, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int AtOnce = 64;

    // How much of what has ended the present state has.
    private const int EndedAtFirst = 100;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly ConditionalWeakTable<GenerationState, byte[]> _written = [];

    /// <summary>The events of one generation until it has ended, the present state first.</summary>
    public IResult Of(GenerationState state) => new Stream(this, (writer, token) => FollowAsync(writer, state, token));

    /// <summary>
    /// The events of all generations: those since the last one that the client had, or else the present state first.
    /// </summary>
    public IResult OfAll(string? lastEventId) =>
        new Stream(this, (writer, token) => FollowAllAsync(writer, VersionOf(lastEventId), token));

    private async Task FollowAsync(PipeWriter writer, GenerationState state, CancellationToken cancellationToken)
    {
        var version = 0L;
        while (true)
        {
            Write(writer, state, version, isPresent: version == 0);
            await writer.FlushAsync(cancellationToken);
            if (state.IsFinished)
                return;
            version = state.Version;
            while (!await IsInTimeAsync(board.WaitForChangeAsync(state, cancellationToken)))
                await BeatAsync(writer, cancellationToken);
            if (board.Find(state.Task.Id) is not { } next)
            {
                WriteEvent(writer, "deleted", JsonSerializer.SerializeToUtf8Bytes(
                    new DeletedView(state.Task.Id), WebUiJson.Default.DeletedView));
                await writer.FlushAsync(cancellationToken);
                return;
            }
            state = next;
        }
    }

    private async Task FollowAllAsync(PipeWriter writer, long? since, CancellationToken cancellationToken)
    {
        await BeatAsync(writer, cancellationToken);
        var version = since ?? board.Version;
        if (since is null)
            await WritePresentAsync(writer, cancellationToken);
        while (true)
        {
            var changes = board.ChangesSince(version, AtOnce);
            foreach (var id in changes.Withdrawn)
            {
                WriteEvent(writer, "deleted", JsonSerializer.SerializeToUtf8Bytes(
                    new DeletedView(id), WebUiJson.Default.DeletedView));
            }
            foreach (var state in changes.States)
                Write(writer, state, version);
            version = changes.Version;
            WriteId(writer, version);
            await writer.FlushAsync(cancellationToken);
            while (!await IsInTimeAsync(board.WaitForChangeAsync(version, cancellationToken)))
                await BeatAsync(writer, cancellationToken);
        }
    }

    private async Task WritePresentAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        foreach (var state in board.Page(EndedAtFirst).Where(state => state.IsFinished).Reverse())
            Write(writer, state, 0);
        await writer.FlushAsync(cancellationToken);
        var last = "";
        while (board.Unfinished(AtOnce, last) is { Count: > 0 } states)
        {
            foreach (var state in states)
                Write(writer, state, 0, isPresent: true);
            await writer.FlushAsync(cancellationToken);
            last = states[^1].Task.Id;
        }
    }

    /// <param name="isPresent">It is told how it stands now; its place in the line moved since it was last told, and nothing else.</param>
    private void Write(PipeWriter writer, GenerationState state, long since, bool isPresent = false)
    {
        writer.Write(isPresent && !state.IsFinished ? Render(state) : _written.GetValue(state, Render));
        if (state.Preview is not null && state.PreviewVersion > since)
        {
            var id = state.Task.Id;
            WriteEvent(writer, "preview", JsonSerializer.SerializeToUtf8Bytes(
                new PreviewView(id, string.Create(CultureInfo.InvariantCulture, $"{Paths.Preview(id)}?v={state.PreviewVersion}")),
                WebUiJson.Default.PreviewView));
        }
    }

    private byte[] Render(GenerationState state)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var view = views.Of(state);
        var name = state.Status switch
        {
            GenerationStatus.Queued => "queued",
            GenerationStatus.Running => state.Progress is null ? "started" : "step",
            GenerationStatus.Done => "done",
            GenerationStatus.Cancelled => "cancelled",
            _ => "failed",
        };
        WriteEvent(buffer, name, state.Progress is { } progress
            ? JsonSerializer.SerializeToUtf8Bytes(
                new StepView(view.Id, view.Status, progress, view.EstimatedSeconds), WebUiJson.Default.StepView)
            : JsonSerializer.SerializeToUtf8Bytes(view, WebUiJson.Default.GenerationView));
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteEvent(IBufferWriter<byte> writer, string name, ReadOnlySpan<byte> json)
    {
        writer.Write("event: "u8);
        writer.Write(Encoding.UTF8.GetBytes(name));
        writer.Write("\ndata: "u8);
        writer.Write(json);
        writer.Write("\n\n"u8);
    }

    private void WriteId(PipeWriter writer, long version) => writer.Write(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"id: {board.Epoch}-{version}\n\n")));

    private static async Task BeatAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        writer.Write(":\n\n"u8);
        await writer.FlushAsync(cancellationToken);
    }

    /// <summary>Whether it completes before it is time for a sign of life.</summary>
    private async Task<bool> IsInTimeAsync(Task change)
    {
        try
        {
            await change.WaitAsync(Heartbeat, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // An id of another process, or none at all, says nothing here.
    private long? VersionOf(string? id) =>
        id?.Split('-') is [var epoch, var version] && epoch == board.Epoch
        && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= board.Version
            ? number
            : null;

    private sealed class Stream(GenerationEvents events, Func<PipeWriter, CancellationToken, Task> write) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            var response = context.Response;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache,no-store";
            // Proxies that gather what they pass on (nginx) would hold the news back.
            response.Headers["X-Accel-Buffering"] = "no";
            using var seat = events.Watch();
            using var until = CancellationTokenSource.CreateLinkedTokenSource(
                events.Stopping, context.RequestAborted);
            try
            {
                await write(response.BodyWriter, until.Token);
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                // The client or the service has gone.
            }
        }
    }

    private IDisposable Watch() => audience.Watch();

    private CancellationToken Stopping => lifetime.ApplicationStopping;
}
