using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>The timesteps of a run as the residual blocks see them, each of which makes its shift of all of them at once.</summary>
/// <param name="states">[steps, rows, time embedding]; its own from now on. One row is for a whole batch.</param>
public sealed class TimeStates(Tensor states) : IDisposable
{
    readonly MadeOnce _made = new();

    /// <summary>One step's.</summary>
    public TimeState At(int step) => new(this, step);

    /// <returns>[rows, channels, 1, 1]; the caller's.</returns>
    internal Tensor Through(Linear projection, int step) => _made.By(projection, () =>
    {
        using var scope = NewDisposeScope();
        return projection.call(nn.functional.silu(states)).unsqueeze(-1).unsqueeze(-1).MoveToOuterDisposeScope();
    })[step];

    public void Dispose()
    {
        _made.Dispose();
        states.Dispose();
    }
}

/// <summary>A timestep of a run.</summary>
public sealed record TimeState(TimeStates Run, int Step);
