using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>How much of the latents is signal and how much noise; the squares add up to 1.</summary>
readonly record struct NoiseLevel(double Alpha, double Sigma)
{
    /// <summary>Half of the logarithm of the signal-to-noise ratio.</summary>
    public double Lambda => Math.Log(Alpha) - Math.Log(Sigma);

    /// <summary>Noise relative to the signal.</summary>
    public double Rho => Sigma / Alpha;

    /// <param name="alphaCumprod">The share of the signal in the variance.</param>
    public static NoiseLevel OfSignal(double alphaCumprod) => new(Math.Sqrt(alphaCumprod), Math.Sqrt(1 - alphaCumprod));

    /// <param name="sigma">Noise relative to the signal.</param>
    public static NoiseLevel Of(double sigma)
    {
        var alpha = 1 / Math.Sqrt(sigma * sigma + 1);
        return new(alpha, sigma * alpha);
    }
}

/// <summary>The last predictions of a run, the newest at the end.</summary>
sealed class PredictionHistory(int capacity) : IDisposable
{
    readonly List<Tensor> _predictions = [];

    public int Count => _predictions.Count;

    public Tensor this[Index index] => _predictions[index];

    public void Add(Tensor prediction)
    {
        if (_predictions.Count == capacity)
        {
            _predictions[0].Dispose();
            _predictions.RemoveAt(0);
        }
        _predictions.Add(prediction.alias().DetachFromDisposeScope());
    }

    public void Clear()
    {
        _predictions.ForEach(prediction => prediction.Dispose());
        _predictions.Clear();
    }

    public void Dispose() => Clear();
}
