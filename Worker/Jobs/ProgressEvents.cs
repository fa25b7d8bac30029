using System.Threading.Channels;
using SdAspire.Diffusion;

namespace SdAspire.Worker.Jobs;

/// <summary>A step of one of the task's pictures.</summary>
public readonly record struct PictureStep(int Picture, StepProgress Step);

/// <summary>
/// Turns the engine's steps into events: published by a task of its own, so that the engine never waits for the broker, and
/// at most four a second for the whole task.
/// </summary>
public sealed class ProgressEvents : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Channel<PictureStep> _steps = Channel.CreateBounded<PictureStep>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly TimeProvider _time;
    private readonly Task _publishing;
    private long? _last;

    public ProgressEvents(TimeProvider time, Func<PictureStep, Task> publish)
    {
        _time = time;
        _publishing = PublishAsync(publish);
    }

    public IProgress<StepProgress> Of(int picture) => new Picture(this, picture);

    /// <summary>Returns once the last step is published: what is published next comes after it.</summary>
    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _publishing;
    }

    private void Report(PictureStep step)
    {
        if (_last is { } last && _time.GetElapsedTime(last) < Period)
            return;
        _last = _time.GetTimestamp();
        _steps.Writer.TryWrite(step);
    }

    private async Task PublishAsync(Func<PictureStep, Task> publish)
    {
        await foreach (var step in _steps.Reader.ReadAllAsync())
            await publish(step);
    }

    private sealed class Picture(ProgressEvents events, int n) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => events.Report(new(n, value));
    }
}
