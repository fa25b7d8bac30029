using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SdAspire.Diffusion;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>A picture, and its share of the time that the engine had for those painted with it.</summary>
public sealed record Painting(PaintedPng Png, TimeSpan Time);

/// <summary>
/// Where tasks that were taken together have their pictures painted. Each task is handled on its own, in all but this: the engine
/// begins when every task has said what it wants or has left, and paints in one pass what fits into one. A task that is given up
/// leaves the others alone, and a pass that fails is painted again picture by picture, so that only who is to blame fails.
/// </summary>
/// <param name="tasks">How many take part.</param>
/// <param name="batchSize">Pictures of a pass.</param>
/// <param name="load">Loads the model, where it is not loaded yet.</param>
public sealed partial class PaintingRound(
    int tasks, int batchSize, Func<CancellationToken, Task> load, Painter painter, Watchdog watchdog, TimeProvider time,
    ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<Wish> _wishes = [];
    private readonly int _tasks = tasks;
    private int _undecided = tasks;
    private bool _isPainting;

    /// <summary>A task's place; who gives it up without having asked for pictures keeps nobody waiting.</summary>
    /// <param name="takenAt">When the message was taken, as the clock's timestamp.</param>
    public Seat TakeSeat(long takenAt) => new(this, takenAt);

    private TimeSpan Elapsed(long takenAt) => time.GetElapsedTime(takenAt) / _tasks;

    private void Decide(bool isNew, IEnumerable<Wish> wishes)
    {
        lock (_gate)
        {
            _wishes.AddRange(wishes);
            if (isNew)
                _undecided--;
            if (_undecided > 0 || _isPainting || _wishes.Count == 0)
                return;
            _isPainting = true;
        }
        _ = PaintAllAsync();
    }

    private async Task PaintAllAsync()
    {
        // Whoever decided last goes on with its own.
        await Task.Yield();
        while (NextPass() is { Count: > 0 } pass)
            await PaintAsync(pass);
    }

    private List<Wish> NextPass()
    {
        lock (_gate)
        {
            _wishes.RemoveAll(wish => wish.GivenUp.IsCancellationRequested);
            var pass = _wishes.Where(wish => _wishes[0].Request.FitsWith(wish.Request)).Take(batchSize).ToList();
            _wishes.RemoveAll(pass.Contains);
            _isPainting = pass.Count > 0;
            return pass;
        }
    }

    // Whatever happens is an answer to those who wait.
    private async Task PaintAsync(List<Wish> pass)
    {
        using var unwanted = new UnwantedPass(pass.Select(wish => wish.GivenUp));
        try
        {
            await load(unwanted.Token);
            if (pass.Count > 1)
                LogTogether(pass.Count);
            var began = time.GetTimestamp();
            var painting = painter.PaintAsync([.. pass.Select(wish => wish.Request)], new PassProgress(pass), unwanted.Token);
            var what = pass is [var only] ? only.What : $"A pass of {pass.Count} pictures";
            await watchdog.WatchAsync(painting, what, unwanted.Token, pass.Count);
            var share = time.GetElapsedTime(began) / pass.Count;
            foreach (var (wish, png) in pass.Zip(await painting))
                wish.Painted.TrySetResult(new Painting(png, share));
        }
        catch (Exception exception) when (
            pass.Count > 1 && !unwanted.Token.IsCancellationRequested
            && exception is not (UnusableEngineException or HungEngineException))
        {
            LogOneByOne(pass.Count, exception.Message);
            foreach (var wish in pass.Where(wish => !wish.GivenUp.IsCancellationRequested))
                await PaintAsync([wish]);
        }
        catch (Exception exception)
        {
            foreach (var wish in pass)
                wish.Painted.TrySetException(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Painting {Count} pictures in one pass")]
    private partial void LogTogether(int count);

    [LoggerMessage(LogLevel.Warning, "A pass of {Count} pictures failed and is painted one by one: {Reason}")]
    private partial void LogOneByOne(int count, string reason);

    /// <summary>A task's place in the round.</summary>
    public sealed class Seat(PaintingRound round, long takenAt) : IDisposable
    {
        private bool _decided;

        /// <summary>For how long the worker has had the task: its share, where there are others.</summary>
        public TimeSpan Worked => round.Elapsed(takenAt);

        /// <summary>Has pictures painted. They come in their order; who ends the enumeration wants no more of them.</summary>
        /// <param name="progress">Of each request; called on the engine's thread.</param>
        public async IAsyncEnumerable<Painting> PaintAsync(
            IReadOnlyList<TextToImageRequest> requests, Func<int, IProgress<StepProgress>> progress,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var wishes = requests.Select((request, n) => new Wish(
                $"Picture {n + 1} of {requests.Count}", request, progress(n), end.Token)).ToList();
            try
            {
                Decide(wishes);
                foreach (var wish in wishes)
                    yield return await wish.Painted.Task.WaitAsync(cancellationToken);
            }
            finally
            {
                await end.CancelAsync();
            }
        }

        public void Dispose() => Decide([]);

        private void Decide(IReadOnlyList<Wish> wishes)
        {
            round.Decide(!_decided, wishes);
            _decided = true;
        }
    }

    private sealed record Wish(
        string What, TextToImageRequest Request, IProgress<StepProgress> Progress, CancellationToken GivenUp)
    {
        public TaskCompletionSource<Painting> Painted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class PassProgress(List<Wish> pass) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            // To each its own preview, as if it were alone.
            foreach (var (n, wish) in pass.Index())
                wish.Progress.Report(value with { Preview = value.Preview is { } preview ? _ => preview(n) : null });
        }
    }

    /// <summary>Ends a pass once everybody has given it up.</summary>
    private sealed class UnwantedPass : IDisposable
    {
        private readonly CancellationTokenSource _source = new();
        private readonly List<CancellationTokenRegistration> _registrations;
        private int _wanting;

        public UnwantedPass(IEnumerable<CancellationToken> givenUp)
        {
            var tokens = givenUp.ToList();
            _wanting = tokens.Count;
            _registrations = [.. tokens.Select(token => token.Register(() =>
            {
                if (Interlocked.Decrement(ref _wanting) == 0)
                    _source.Cancel();
            }))];
        }

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            // Waits for a callback that runs.
            _registrations.ForEach(registration => registration.Dispose());
            _source.Dispose();
        }
    }
}
