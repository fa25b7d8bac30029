using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>DPM-Solver-2 in Karras' terms: the derivative of each step is taken at the geometric mean of its two noise levels.</summary>
public sealed class KDPM2DiscreteScheduler(SchedulerConfig config) : Scheduler(config)
{
    NoisyScale? _scale;
    double[] _visited = [];
    Tensor? _sample;

    NoisyScale Scale => _scale ?? throw new InvalidOperationException("The timesteps are not set.");

    public override double InitNoiseSigma => Scale.InitNoiseSigma;

    protected override int VisitsPerStep => 2;

    public override void SetTimesteps(int steps)
    {
        _scale = new NoisyScale(Config, Noise, steps);
        Forget();
        var sigmas = _scale.Sigmas;
        double[] timesteps = Config.UseKarrasSigmas ? [.. _scale.Timesteps.Select(t => Math.Round(t))] : _scale.Timesteps;
        var means = sigmas.Zip(sigmas.Skip(1), (from, to) => Math.Exp((Math.Log(from) + Math.Log(to)) / 2)).ToArray();
        var inner = Enumerable.Range(0, steps - 1);
        Timesteps =
        [
            timesteps[0],
            .. inner.SelectMany(n => new[] { SigmaSpacing.TimestepOf(means[n], Noise.FiniteSigmas), timesteps[n + 1] }),
        ];
        Sigmas = [sigmas[0], .. sigmas[1..].SelectMany(sigma => new[] { sigma, sigma }), sigmas[^1]];
        // What the UNet is asked at: a level, the mean, the next level …
        _visited = [.. inner.SelectMany(n => new[] { sigmas[n], means[n] }), sigmas[steps - 1]];
    }

    public override Tensor ScaleModelInput(Tensor sample, int step) => NoisyScale.ToUNet(sample, _visited[step]);

    public override Tensor AddNoise(Tensor original, Tensor noise, int step) => NoisyScale.AddNoise(original, noise, _visited[step]);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var derivative = (sample - Scale.Original(modelOutput, sample, _visited[step])) / _visited[step];
        if (step % 2 == 1)
        {
            return (_sample! + (_visited[step + 1] - _visited[step - 1]) * derivative).MoveToOuterDisposeScope();
        }
        Hold(ref _sample, sample.alias());
        var next = step + 1 < _visited.Length ? _visited[step + 1] : 0;
        return (sample + (next - _visited[step]) * derivative).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Scale.Original(modelOutput, sample, _visited[step]).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    void Forget() => Release(ref _sample);
}
