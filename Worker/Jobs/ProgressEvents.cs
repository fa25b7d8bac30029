using System.Threading.Channels;
using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// Turns the engine's steps into events: published by a task of its own, so that the engine never waits for the broker, and
/// at most four a second.
/// </summary>
public sealed class ProgressEvents : IProgress<StepProgress>, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Channel<StepProgress> _steps = Channel.CreateBounded<StepProgress>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly TimeProvider _time;
    private readonly Task _publishing;
    private long? _last;

    public ProgressEvents(TimeProvider time, Func<StepProgress, Task> publish)
    {
        _time = time;
        _publishing = PublishAsync(publish);
    }

    public void Report(StepProgress value)
    {
        if (_last is { } last && _time.GetElapsedTime(last) < Period)
            return;
        _last = _time.GetTimestamp();
        _steps.Writer.TryWrite(value);
    }

    /// <summary>Returns once the last step is published: what is published next comes after it.</summary>
    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _publishing;
    }

    private async Task PublishAsync(Func<StepProgress, Task> publish)
    {
        await foreach (var step in _steps.Reader.ReadAllAsync())
            await publish(step);
    }
}
