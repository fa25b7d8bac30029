using System.Globalization;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using SdAspire.Training.Scenes;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SdAspire.Training;

/// <summary>Teaches the autoencoder to give pictures back from 8 × 8 latents that look like noise of unit deviation.</summary>
public sealed class VaeStage : IDisposable
{
    readonly Recipe _recipe;
    readonly SceneSource _scenes;
    readonly Tensor _check;
    readonly MovingAverage _average;

    /// <param name="recipe">Shape and schedule.</param>
    /// <param name="scenes">What it sees.</param>
    /// <param name="start">A model's folder to take weights from; null for random ones.</param>
    public VaeStage(Recipe recipe, SceneSource scenes, string? start = null)
    {
        (_recipe, _scenes) = (recipe, scenes);
        _check = scenes.Paint(scenes.ToCheck()).DetachFromDisposeScope();
        manual_seed(recipe.Seed);
        Vae = new AutoencoderKL(recipe.Vae).WithInitialValues();
        if (start is not null)
            WeightLoader.Load(Vae, Path.Combine(start, ModelWriter.VaeWeights));
        if (recipe.TrainVae.DecoderOnly)
        {
            foreach (var (name, parameter) in Vae.named_parameters().Where(one => !IsOfDecoder(one.name)))
                parameter.requires_grad = false;
        }
        _average = new MovingAverage(Vae, recipe.TrainVae.EmaDecay);
    }

    /// <summary>After <see cref="Run"/> with the averaged weights.</summary>
    public AutoencoderKL Vae { get; }

    /// <summary>Peak signal-to-noise ratio of the scenes to check, decibels.</summary>
    public double Psnr { get; private set; }

    public TimeSpan Run(string work, CancellationToken cancellationToken)
    {
        var loop = new TrainingLoop("vae", work, _recipe.TrainVae, _recipe.Seed);
        var elapsed = loop.Run(Vae, _average, Loss, step => Inspect(work, step), inspectEvery: 250, cancellationToken);
        _ = _average.Swap();
        Vae.eval();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Psnr = MeasurePsnr(_check, Reconstruct(_check));
        return elapsed;
    }

    /// <summary>What pictures become, unscaled: [pictures, channels, 8, 8]; without a gradient.</summary>
    public Tensor Encode(Tensor pictures)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Vae.Encode(pictures).Mean.MoveToOuterDisposeScope();
    }

    /// <summary>Their deviation over the scenes to check.</summary>
    public double Deviation()
    {
        using var scope = NewDisposeScope();
        return cat([.. _check.split(32).Select(Encode)]).std().item<float>();
    }

    public void Dispose()
    {
        _average.Dispose();
        Vae.Dispose();
        _check.Dispose();
    }

    static bool IsOfDecoder(string name) =>
        name.StartsWith("decoder.", StringComparison.Ordinal) || name.StartsWith("post_quant_conv.", StringComparison.Ordinal);

    Tensor Loss(int part, Generator generator)
    {
        var schedule = _recipe.TrainVae;
        var captioned = (int)Math.Round(schedule.PartSize * schedule.CaptionedShare);
        var random = SceneRandom.For(_recipe.Seed, part);
        var pictures = _scenes.Paint(
            [.. Enumerable.Range(0, schedule.PartSize).Select(i => i < captioned ? _scenes.Sampler.Draw(random) : _scenes.Sampler.DrawAny(random))],
            random);
        if (part / schedule.Parts % 2 == 1)
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
        var reconstructed = Reconstruct(_check);
        SampleSheet.Write(Path.Combine(work, "vae.png"), stack([_check[..40], reconstructed[..40]], 1).flatten(0, 1));
        return string.Create(CultureInfo.InvariantCulture, $"{MeasurePsnr(_check, reconstructed):f2} dB");
    }

    Tensor Reconstruct(Tensor pictures) => cat([.. pictures.split(32).Select(batch => Vae.Decode(Vae.Encode(batch).Mean).clamp(-1, 1))]);

    static double MeasurePsnr(Tensor expected, Tensor actual) =>
        (10 * (4 / (expected - actual).square().mean(dimensions: [1, 2, 3])).log10()).mean().item<float>();
}
