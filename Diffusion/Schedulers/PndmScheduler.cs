using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// Pseudo numerical methods (Liu et al. 2022, arXiv:2202.09778): a linear multistep over the last four predictions. It starts with
/// Runge-Kutta steps or, with skip_prk_steps as Stable Diffusion has it, with a doubled second timestep.
/// </summary>
public sealed class PndmScheduler : Scheduler
{
    const int Order = 4;

    readonly double _finalAlphaCumprod;
    readonly PredictionHistory _predictions = new(Order);
    int _stride;
    int _rungeKuttaSteps;
    Tensor? _heldSample;
    Tensor? _weightedPrediction;

    public PndmScheduler(SchedulerConfig config) : base(config) =>
        _finalAlphaCumprod = config.SetAlphaToOne ?? false ? 1 : Noise.AlphasCumprod[0];

    public override void SetTimesteps(int steps)
    {
        Forget();
        _stride = Config.NumTrainTimesteps / steps;
        var falling = Spacing.Timesteps(Config.TimestepSpacing ?? "leading", Config.NumTrainTimesteps, steps, Config.StepsOffset);
        if (Config.SkipPrkSteps)
        {
            _rungeKuttaSteps = 0;
            Timesteps = steps == 1 ? falling : [falling[0], falling[1], .. falling[1..]];
            return;
        }
        if (steps < Order)
        {
            throw new ModelException($"scheduler: PNDM with Runge-Kutta steps needs at least {Order} steps");
        }
        // Between each two of the first four timesteps lies a midpoint; the four evaluations of a Runge-Kutta step visit
        // start, midpoint, midpoint, end.
        var points = falling[..Order].SelectMany(t => new[] { t + _stride / 2, t }).Skip(1).ToArray();
        var visits = points.SelectMany(t => new[] { t, t }).ToArray()[1..^1];
        _rungeKuttaSteps = visits.Length;
        Timesteps = [.. visits, .. falling[(Order - 1)..]];
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        Refuse(FirstStep > 0 && !Config.SkipPrkSteps, "skip_prk_steps", "false, for a run that begins with a picture,");
        using var scope = NewDisposeScope();
        return (step < _rungeKuttaSteps ? RungeKuttaStep(modelOutput, step, sample) : MultistepStep(modelOutput, step, sample)).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    Tensor RungeKuttaStep(Tensor modelOutput, int step, Tensor sample)
    {
        var from = (int)Timesteps[step / 4 * 4];
        var to = (int)Timesteps[step] - (step % 2 == 0 ? _stride / 2 : 0);
        switch (step % 4)
        {
            case 0:
                _predictions.Add(modelOutput);
                Hold(ref _heldSample, sample.alias());
                Hold(ref _weightedPrediction, modelOutput / 6);
                break;
            case 1 or 2:
                Hold(ref _weightedPrediction, _weightedPrediction! + modelOutput / 3);
                break;
            default:
                modelOutput = _weightedPrediction! + modelOutput / 6;
                break;
        }
        return Transfer(_heldSample!, modelOutput, from, to);
    }

    Tensor MultistepStep(Tensor modelOutput, int step, Tensor sample)
    {
        var (from, to) = ((int)Timesteps[step], (int)Timesteps[step] - _stride);
        var repeats = Config.SkipPrkSteps && step == FirstStep + 1;
        if (repeats)
        {
            (from, to) = (from + _stride, from);
        }
        else
        {
            _predictions.Add(modelOutput);
        }
        if (Config.SkipPrkSteps && step == FirstStep)
        {
            Hold(ref _heldSample, sample.alias());
        }
        var e = _predictions;
        var combined = e.Count switch
        {
            1 when repeats => (modelOutput + e[^1]) / 2,
            1 => modelOutput,
            2 => (3 * e[^1] - e[^2]) / 2,
            3 => (23 * e[^1] - 16 * e[^2] + 5 * e[^3]) / 12,
            _ => (55 * e[^1] - 59 * e[^2] + 37 * e[^3] - 9 * e[^4]) / 24,
        };
        return Transfer(repeats ? _heldSample! : sample, combined, from, to);
    }

    // Equation 9 of the paper.
    Tensor Transfer(Tensor sample, Tensor modelOutput, int from, int to)
    {
        var alpha = Noise.AlphasCumprod[from];
        var alphaTo = to >= 0 ? Noise.AlphasCumprod[to] : _finalAlphaCumprod;
        var epsilon = Config.PredictionType == "v_prediction" ? Math.Sqrt(alpha) * modelOutput + Math.Sqrt(1 - alpha) * sample : modelOutput;
        var denominator = alpha * Math.Sqrt(1 - alphaTo) + Math.Sqrt(alpha * (1 - alpha) * alphaTo);
        return Math.Sqrt(alphaTo / alpha) * sample - (alphaTo - alpha) / denominator * epsilon;
    }

    void Forget()
    {
        _predictions.Clear();
        Release(ref _heldSample);
        Release(ref _weightedPrediction);
    }
}
