using System.Globalization;
using SdAspire.Diffusion.Models;
using SdAspire.Training.Data;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SdAspire.Training;

/// <summary>Teaches the autoencoder to give pictures back from 8 × 8 latents that look like noise of unit deviation.</summary>
public sealed class VaeStage : IDisposable
{
    readonly Recipe _recipe;
    readonly Tensor _all;
    readonly Tensor _captioned;
    readonly MovingAverage _average;

    public VaeStage(Recipe recipe, PictureSet pictures, IReadOnlyList<int> captioned)
    {
        _recipe = recipe;
        var size = pictures.Index.Size;
        _all = tensor(pictures.Pixels, [pictures.Index.Count, 3, size, size], ScalarType.Byte).DetachFromDisposeScope();
        _captioned = _all.index_select(0, tensor(captioned.Select(i => (long)i).ToArray())).DetachFromDisposeScope();
        manual_seed(recipe.Seed);
        Vae = new AutoencoderKL(recipe.Vae);
        _average = new MovingAverage(Vae, recipe.TrainVae.EmaDecay);
    }

    /// <summary>After <see cref="Run"/> with the averaged weights.</summary>
    public AutoencoderKL Vae { get; }

    /// <summary>Peak signal-to-noise ratio of the captioned pictures, decibels.</summary>
    public double Psnr { get; private set; }

    public TimeSpan Run(string work, CancellationToken cancellationToken)
    {
        var loop = new TrainingLoop("vae", work, _recipe.TrainVae, _recipe.Seed);
        var elapsed = loop.Run(Vae, _average, Loss, step => Inspect(work, step), inspectEvery: 250, cancellationToken);
        _ = _average.Swap();
        Vae.eval();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Psnr = MeasurePsnr(Pictures(_captioned), Reconstruct(_captioned));
        return elapsed;
    }

    /// <summary>The captioned pictures' latents, unscaled: [captioned, channels, 8, 8].</summary>
    public Tensor EncodeCaptioned()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return cat([.. Pictures(_captioned).split(32).Select(batch => Vae.Encode(batch).Mean)]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _average.Dispose();
        Vae.Dispose();
        _all.Dispose();
        _captioned.Dispose();
    }

    Tensor Loss(int step, Generator generator)
    {
        var schedule = _recipe.TrainVae;
        var captioned = (int)Math.Round(schedule.BatchSize * schedule.CaptionedShare);
        var pictures = Pictures(cat([Draw(_captioned, captioned, generator), Draw(_all, schedule.BatchSize - captioned, generator)]));
        if (step % 2 == 1)
            pictures = pictures.flip(3);
        var latents = Vae.Encode(pictures);
        var decoded = Vae.Decode(latents.Sample(randn(latents.Mean.shape, generator: generator)));
        var divergence = 0.5 * (latents.Mean.square() + latents.LogVariance.exp() - 1 - latents.LogVariance).mean();

        // Whole areas of wrong colour weigh little pixel by pixel; the blurred pictures see them at once.
        var coarse = F.l1_loss(F.avg_pool2d(decoded, 8), F.avg_pool2d(pictures, 8));
        return F.l1_loss(decoded, pictures) + F.mse_loss(decoded, pictures) + coarse + schedule.KlWeight * divergence;
    }

    string Inspect(string work, int step)
    {
        var reconstructed = Reconstruct(_captioned);
        SampleSheet.Write(Path.Combine(work, "vae.png"), stack([Pictures(_captioned)[..40], reconstructed[..40]], 1).flatten(0, 1));
        return string.Create(CultureInfo.InvariantCulture, $"{MeasurePsnr(Pictures(_captioned), reconstructed):f2} dB");
    }

    Tensor Reconstruct(Tensor bytes) => cat([.. Pictures(bytes).split(32).Select(batch => Vae.Decode(Vae.Encode(batch).Mean).clamp(-1, 1))]);

    static double MeasurePsnr(Tensor expected, Tensor actual) =>
        (10 * (4 / (expected - actual).square().mean(dimensions: [1, 2, 3])).log10()).mean().item<float>();

    static Tensor Draw(Tensor from, int count, Generator generator) =>
        from.index_select(0, randint(0, from.shape[0], [count], ScalarType.Int64, generator: generator));

    static Tensor Pictures(Tensor bytes) => bytes.to(ScalarType.Float32) / 127.5 - 1;
}
