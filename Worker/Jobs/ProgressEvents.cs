using System.Threading.Channels;
using SdAspire.Diffusion;

namespace SdAspire.Worker.Jobs;

/// <summary>A step of one of the task's pictures.</summary>
/// <param name="Preview">How far the picture is; null where it could not be told.</param>
public readonly record struct PictureStep(int Picture, StepProgress Step, RgbImage? Preview);

/// <summary>
/// Turns the engine's steps into events: published by a task of its own, so that the engine never waits for the broker, and
/// at most four a second for the whole task. Previews are made of these steps alone, and only while somebody looks.
/// </summary>
public sealed class ProgressEvents : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Channel<PictureStep> _steps = Channel.CreateBounded<PictureStep>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly TimeProvider _time;
    private readonly Action<Exception> _withoutPreview;
    private readonly Task _publishing;
    private readonly int[] _done;
    private long? _last;
    private volatile bool _isLookedAt;
    private bool _previewsFail;

    /// <param name="pictures">How many the task has.</param>
    /// <param name="isLookedAt">Whether anybody looks; asked before the first step and after each that was published.</param>
    /// <param name="withoutPreview">Told why there are no previews from now on.</param>
    public ProgressEvents(
        int pictures, TimeProvider time, Func<PictureStep, Task> publish, Func<Task<bool>> isLookedAt,
        Action<Exception> withoutPreview)
    {
        (_done, _time, _withoutPreview) = (new int[pictures], time, withoutPreview);
        _publishing = PublishAsync(publish, isLookedAt);
    }

    public IProgress<StepProgress> Of(int picture) => new Picture(this, picture);

    /// <summary>Returns once the last step is published: what is published next comes after it.</summary>
    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _publishing;
    }

    // Pictures of one pass take each step together. The task's progress is told as if they were painted one after another, each
    // for its part of the time.
    private void Report(int picture, StepProgress step)
    {
        _done[picture] = step.Step;
        var (turn, before) = Math.DivRem(_done.Sum() - 1, step.Of);
        if (turn != picture)
            return;
        if (_last is { } last && _time.GetElapsedTime(last) < Period)
            return;
        _last = _time.GetTimestamp();
        _steps.Writer.TryWrite(new(picture, step with { Step = before + 1 }, Preview(step)));
    }

    private RgbImage? Preview(StepProgress step)
    {
        if (!_isLookedAt || _previewsFail)
            return null;
        try
        {
            return step.Preview?.Invoke(0);
        }
        // Whatever the engine throws: a picture does not fail for want of a preview.
        catch (Exception exception)
        {
            _previewsFail = true;
            _withoutPreview(exception);
            return null;
        }
    }

    private async Task PublishAsync(Func<PictureStep, Task> publish, Func<Task<bool>> isLookedAt)
    {
        _isLookedAt = await isLookedAt();
        await foreach (var step in _steps.Reader.ReadAllAsync())
        {
            await publish(step);
            _isLookedAt = await isLookedAt();
        }
    }

    private sealed class Picture(ProgressEvents events, int n) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => events.Report(n, value);
    }
}
