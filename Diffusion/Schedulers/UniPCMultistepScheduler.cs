using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// A unified predictor-corrector (Zhao et al. 2023, arXiv:2302.04867): each prediction first corrects the step that led to it, and
/// costs nothing more.
/// </summary>
public sealed class UniPCMultistepScheduler : Scheduler
{
    readonly PredictionHistory _originals;
    Tensor? _lastSample;
    int _lastOrder;

    public UniPCMultistepScheduler(SchedulerConfig config) : base(config)
    {
        Refuse(config.Thresholding, "thresholding", "true");
        Refuse(config.SolverType is not (null or "bh1" or "bh2"), "solver_type", config.SolverType);
        Refuse(config.SolverOrder is < 1 or > 3, "solver_order", $"{config.SolverOrder}");
        Refuse(!config.PredictX0, "predict_x0", "false");
        Refuse(config.UseFlowSigmas, "use_flow_sigmas", "true");
        _originals = new(config.SolverOrder);
    }

    public override void SetTimesteps(int steps)
    {
        Forget();
        (Timesteps, Sigmas) = SolverSpacing.Of(
            Config, Noise, steps, Config.TimestepSpacing ?? "linspace", Config.FinalSigmasType ?? "zero");
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var original = OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample);
        if (step > FirstStep && !(Config.DisableCorrector ?? []).Contains(step - 1))
        {
            sample = Move(step - 1, _lastSample!, _lastOrder, original);
        }
        _originals.Add(original);
        var most = Config.LowerOrderFinal ?? true ? Math.Min(Config.SolverOrder, Timesteps.Count - step) : Config.SolverOrder;
        _lastOrder = Math.Min(most, step - FirstStep + 1);
        Hold(ref _lastSample, sample.alias());
        return Move(step, sample, _lastOrder, corrected: null).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample).alias().MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    /// <summary>A step from a level to the next.</summary>
    /// <param name="step">Its index; the newest prediction in the history is that at its beginning.</param>
    /// <param name="corrected">The prediction at its end, for the corrector.</param>
    Tensor Move(int step, Tensor sample, int order, Tensor? corrected)
    {
        var (from, to) = (NoiseLevel.Of(Sigmas[step]), NoiseLevel.Of(Sigmas[step + 1]));
        var h = to.Lambda - from.Lambda;
        var newest = _originals[^1];
        var ratios = Enumerable.Range(1, order - 1).Select(back => (NoiseLevel.Of(Sigmas[step - back]).Lambda - from.Lambda) / h).ToArray();
        var slopes = ratios.Select((ratio, n) => (_originals[^(n + 2)] - newest) / ratio).ToList();
        if (corrected is not null)
        {
            slopes.Add(corrected - newest);
        }
        var phi = Math.Exp(-h) - 1;
        var scale = Config.SolverType == "bh1" ? -h : phi;
        var next = to.Sigma / from.Sigma * sample - to.Alpha * phi * newest;
        foreach (var (weight, slope) in Weights(-h, scale, corrected is null ? ratios : [.. ratios, 1]).Zip(slopes))
        {
            next = next - to.Alpha * scale * weight * slope;
        }
        return next;
    }

    // Equation 5: one equation for each power, matched by the weights. With a single unknown the paper takes a half.
    static double[] Weights(double hh, double scale, double[] ratios)
    {
        if (ratios.Length < 2)
        {
            return [.. ratios.Select(_ => 0.5)];
        }
        var right = new double[ratios.Length];
        var (phi, factorial) = ((Math.Exp(hh) - 1) / hh - 1, 1.0);
        for (var n = 0; n < right.Length; n++)
        {
            right[n] = phi * factorial / scale;
            factorial *= n + 2;
            phi = phi / hh - 1 / factorial;
        }
        return Vandermonde(ratios, right);
    }

    // Solves sum over k of ratio[k]^n × weight[k] = right[n], of two or three unknowns, by Cramer's rule.
    static double[] Vandermonde(double[] ratios, double[] right)
    {
        var whole = Determinant(ratios, replaced: -1);
        return [.. Enumerable.Range(0, ratios.Length).Select(k => Determinant(ratios, k) / whole)];

        double Determinant(double[] r, int replaced)
        {
            double At(int row, int column) => column == replaced ? right[row] : Math.Pow(r[column], row);
            return r.Length == 2
                ? At(0, 0) * At(1, 1) - At(0, 1) * At(1, 0)
                : At(0, 0) * (At(1, 1) * At(2, 2) - At(1, 2) * At(2, 1))
                    - At(0, 1) * (At(1, 0) * At(2, 2) - At(1, 2) * At(2, 0))
                    + At(0, 2) * (At(1, 0) * At(2, 1) - At(1, 1) * At(2, 0));
        }
    }

    void Forget()
    {
        _originals.Clear();
        Release(ref _lastSample);
    }
}
