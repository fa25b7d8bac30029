using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>A linear multistep (Adams–Bashforth, order 4) over the noise levels, as k-diffusion has it.</summary>
public sealed class LMSDiscreteScheduler(SchedulerConfig config) : Scheduler(config)
{
    NoisyScale? _scale;
    const int Order = 4;

    readonly PredictionHistory _derivatives = new(Order);

    NoisyScale Scale => _scale ?? throw new InvalidOperationException("The timesteps are not set.");

    public override double InitNoiseSigma => Scale.InitNoiseSigma;

    public override void SetTimesteps(int steps)
    {
        _scale = new NoisyScale(Config, Noise, steps);
        _derivatives.Clear();
        (Timesteps, Sigmas) = (_scale.Timesteps, _scale.Sigmas);
    }

    public override Tensor ScaleModelInput(Tensor sample, int step) => NoisyScale.ToUNet(sample, Sigmas[step]);

    public override Tensor AddNoise(Tensor original, Tensor noise, int step) => NoisyScale.AddNoise(original, noise, Sigmas[step]);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        _derivatives.Add((sample - Scale.Original(modelOutput, sample, Sigmas[step])) / Sigmas[step]);
        var next = sample;
        for (var back = 0; back < _derivatives.Count; back++)
        {
            next = next + Coefficient(step, back) * _derivatives[^(back + 1)];
        }
        return next.MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Scale.Original(modelOutput, sample, Sigmas[step]).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        _derivatives.Dispose();
        base.Dispose();
    }

    // The integral over the step of the Lagrange polynomial that is 1 at one past level and 0 at the others: at most of third
    // degree, for which Simpson's rule is exact.
    double Coefficient(int step, int back)
    {
        var (from, to) = (Sigmas[step], Sigmas[step + 1]);
        return (to - from) / 6 * (Lagrange(from) + 4 * Lagrange((from + to) / 2) + Lagrange(to));

        double Lagrange(double sigma) => Enumerable.Range(0, _derivatives.Count).Where(other => other != back)
            .Aggregate(1.0, (product, other) =>
                product * (sigma - Sigmas[step - other]) / (Sigmas[step - back] - Sigmas[step - other]));
    }
}
