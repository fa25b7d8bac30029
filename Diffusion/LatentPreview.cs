using System.Diagnostics;
using SdAspire.Diffusion.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// Small pictures of latents. What is no larger than a preview is decoded; of anything else each latent becomes a pixel, by the
/// linear map to colours that fits best what the decoder makes of the same latents, shrunk.
/// </summary>
/// <remarks>
/// A map that is fitted to random latents, or to what the encoder says of plain colours, is grey or wrong in colour: how channels
/// mean colours depends on the picture.
/// </remarks>
sealed class LatentPreview(IAutoencoder vae) : IDisposable
{
    /// <summary>Pixels.</summary>
    public const int MaxSide = 64;

    // The share of time that fitting may take: large decoders are slow, and previews are no end in themselves.
    const double MaxShare = 0.05;

    readonly int _pixelsPerLatent = vae.PixelsPerLatent;
    Tensor? _colours;
    long _fitted;
    TimeSpan _cost;

    /// <param name="latents">[1, channels, height, width] as the UNet sees them.</param>
    public RgbImage Paint(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var cells = Math.Max(1, MaxSide / _pixelsPerLatent);
        var image = Longest(latents) <= cells ? Decode(latents) : Shrink(Map(latents, cells), MaxSide);
        return RgbImage.FromTensor((image[0] / 2 + 0.5).nan_to_num().clamp(0, 1));
    }

    public void Dispose() => _colours?.Dispose();

    Tensor Map(Tensor latents, int cells)
    {
        if (_colours is null || _cost < Stopwatch.GetElapsedTime(_fitted) * MaxShare)
        {
            var began = Stopwatch.GetTimestamp();
            var colours = Fit(Shrink(latents, cells)).DetachFromDisposeScope();
            _colours?.Dispose();
            (_colours, _fitted, _cost) = (colours, Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(began));
        }
        return _colours[-1].view(1, -1, 1, 1) + einsum("bchw,cd->bdhw", latents, _colours[..^1]);
    }

    /// <returns>[channels + 1, 3]: what each channel adds to red, green and blue, and what is there without them.</returns>
    Tensor Fit(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var wanted = Samples(nn.functional.avg_pool2d(Decode(latents).clamp(-1, 1), _pixelsPerLatent));
        var known = Samples(latents);
        known = cat([known, ones_like(known[.., ..1])], 1);
        // A little ridge regression: a channel that says nothing here is to add nothing, and few samples are enough.
        var normal = known.t().matmul(known) + eye(known.shape[1]).to(known);
        return linalg.solve(normal, known.t().matmul(wanted)).MoveToOuterDisposeScope();

        static Tensor Samples(Tensor image) => image.permute(0, 2, 3, 1).reshape(-1, image.shape[1]);
    }

    Tensor Decode(Tensor latents) => vae.Decode(latents / vae.ScalingFactor);

    static Tensor Shrink(Tensor image, int side)
    {
        var scale = (double)side / Longest(image);
        return scale >= 1 ? image : nn.functional.adaptive_avg_pool2d(image, [Scaled(image.shape[2]), Scaled(image.shape[3])]);

        long Scaled(long cells) => Math.Max(1, (long)Math.Round(cells * scale));
    }

    static long Longest(Tensor image) => Math.Max(image.shape[2], image.shape[3]);
}
