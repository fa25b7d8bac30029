using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598) of a pass.</summary>
/// <param name="Scales">One for each picture, [batch, 1, 1, 1].</param>
/// <param name="Rescale">
/// How far the result is brought back to the spread of the guided half alone, 0 … 1 (Lin et al. 2023, arXiv:2305.08891, section 3.4).
/// </param>
sealed record Guidance(Tensor Scales, double Rescale)
{
    /// <param name="predictions">[negative; positive] rows, twice the batch.</param>
    /// <returns>[batch, channels, height, width]</returns>
    public Tensor Apply(Tensor predictions)
    {
        using var scope = NewDisposeScope();
        var halves = predictions.chunk(2);
        var guided = halves[0] + Scales * (halves[1] - halves[0]);
        if (Rescale > 0)
        {
            var rescaled = guided * (Spread(halves[1]) / Spread(guided));
            guided = Rescale * rescaled + (1 - Rescale) * guided;
        }
        return guided.MoveToOuterDisposeScope();

        static Tensor Spread(Tensor prediction) => prediction.std([1, 2, 3], unbiased: true, keepdim: true);
    }
}
