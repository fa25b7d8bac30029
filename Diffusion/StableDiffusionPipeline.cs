using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// Text to picture with Stable Diffusion 1.x: encode the prompt, denoise latents step by step, decode them. One operating-system
/// thread does everything: libtorch's modes and TorchSharp's scopes belong to a thread.
/// </summary>
public sealed class StableDiffusionPipeline : IDisposable
{
    readonly ModelDirectory _model;
    readonly ClipTokenizer _tokenizer;
    readonly ClipTextModel _textEncoder;
    readonly UNet2DConditionModel _unet;
    readonly AutoencoderKL _vae;
    readonly LatentPreview _preview;
    readonly Device _device;

    StableDiffusionPipeline(ModelDirectory model, Device device)
    {
        _model = model;
        _device = device;
        _tokenizer = ClipTokenizer.FromDirectory(model.Tokenizer);
        _textEncoder = Ready(new ClipTextModel(model.TextEncoder), model.TextEncoderWeights);
        _unet = Ready(new UNet2DConditionModel(model.UNet), model.UNetWeights);
        _vae = Ready(new AutoencoderKL(model.Vae), model.VaeWeights);
        _preview = new LatentPreview(_vae);
    }

    /// <summary>Pixels along a side for each latent.</summary>
    public int PixelsPerLatent => 1 << (_model.Vae.BlockOutChannels.Count - 1);

    /// <param name="directory">A model in diffusers' layout.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="ModelException">A file is missing, truncated or does not fit; names the file.</exception>
    public static StableDiffusionPipeline Load(string directory, DeviceChoice device = DeviceChoice.Auto)
    {
        var model = new ModelDirectory(directory);
        return new StableDiffusionPipeline(model, device switch
        {
            DeviceChoice.Cpu => CPU,
            DeviceChoice.Cuda => cuda.is_available() ? CUDA : throw new ModelException($"{directory}: no CUDA device is available"),
            _ => cuda.is_available() ? CUDA : CPU,
        });
    }

    /// <summary>Paints one picture.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{TextToImageRequest}, IProgress{StepProgress}, CancellationToken)"/>
    public RgbImage Generate(
        TextToImageRequest request, IProgress<StepProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Generate([request], progress, cancellationToken)[0];

    /// <summary>
    /// Paints pictures in one pass, as a batch: each is what it is when painted alone, up to rounding.
    /// </summary>
    /// <param name="requests">What to paint: at least one, and such as <see cref="TextToImageRequest.FitsWith"/> the others.</param>
    /// <param name="progress">Called after each step of all pictures, on this thread.</param>
    /// <param name="cancellationToken">Looked at between steps.</param>
    /// <returns>A picture for each request, in their order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    /// <exception cref="ArgumentException">
    /// The size does not divide by <see cref="PixelsPerLatent"/>, or the requests do not fit together.
    /// </exception>
    /// <exception cref="ModelException">The scheduler is unknown.</exception>
    public IReadOnlyList<RgbImage> Generate(
        IReadOnlyList<TextToImageRequest> requests, IProgress<StepProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (requests is not [var one, ..] || !requests.All(one.FitsWith))
        {
            throw new ArgumentException(
                "a pass takes one request or several of the same size, steps and scheduler, all with or all without guidance", nameof(requests));
        }
        if (one.Width % PixelsPerLatent != 0 || one.Height % PixelsPerLatent != 0)
        {
            throw new ArgumentException($"width {one.Width} and height {one.Height} must divide by {PixelsPerLatent}", nameof(requests));
        }
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var scheduler = Scheduler.Create(one.Scheduler ?? _model.Scheduler.ClassName ?? "", _model.Scheduler);
        using var noise = new SeededNoise([.. requests.Select(r => r.Seed)]);
        var guidance = Guidance([.. requests.Select(r => r.GuidanceScale)]);

        var (width, height) = (one.Width / PixelsPerLatent, one.Height / PixelsPerLatent);
        var initial = noise.Draw(requests.Count, _model.UNet.InChannels, height, width);
        var negatives = guidance is null ? null : requests.Select(r => r.NegativePrompt ?? "").ToList();
        var embeddings = EncodePrompts([.. requests.Select(r => r.Prompt)], negatives);
        var latents = Denoise(initial, embeddings, scheduler, one.Steps, guidance, noise, progress, cancellationToken);
        // One by one: decoding is the peak of memory, and for all but the smallest pictures slower together.
        return [.. latents.split(1).Select(latent => RgbImage.FromTensor(Decode(latent)[0]))];
    }

    /// <summary>The guidance scale of each picture, [batch, 1, 1, 1]; null where guidance is off.</summary>
    internal Tensor? Guidance(IReadOnlyList<double> scales) => scales[0] > 1
        ? tensor(scales.Select(scale => (float)scale).ToArray(), [scales.Count, 1, 1, 1]).to(_device)
        : null;

    /// <summary>The prompts as the UNet wants them: [negative; positive], or the positive alone where guidance is off.</summary>
    /// <returns>[batch or 2 × batch, tokens, hidden]</returns>
    internal Tensor EncodePrompts(IReadOnlyList<string> prompts, IReadOnlyList<string>? negativePrompts)
    {
        using var scope = NewDisposeScope();
        var texts = negativePrompts is null ? prompts : [.. negativePrompts, .. prompts];
        var ids = texts.SelectMany(t => _tokenizer.Encode(t)).Select(id => (long)id).ToArray();
        var inputIds = tensor(ids, [texts.Count, _tokenizer.MaxLength], ScalarType.Int64).to(_device);
        return _textEncoder.call(inputIds).LastHiddenState.MoveToOuterDisposeScope();
    }

    /// <param name="initial">Unit normal, [batch, channels, height, width] of the latents.</param>
    /// <param name="embeddings">From <see cref="EncodePrompts"/>.</param>
    /// <param name="guidance">From <see cref="Guidance"/>.</param>
    internal Tensor Denoise(
        Tensor initial, Tensor embeddings, Scheduler scheduler, int steps, Tensor? guidance, SeededNoise noise,
        IProgress<StepProgress>? progress = null, CancellationToken cancellationToken = default, Action<int, Tensor>? onLatents = null)
    {
        using var scope = NewDisposeScope();
        scheduler.SetTimesteps(steps);
        var latents = initial.to(_device) * scheduler.InitNoiseSigma;
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var input = scheduler.ScaleModelInput(latents, step);
            var timestep = tensor(new[] { (float)scheduler.Timesteps[step] }).to(_device);
            var prediction = _unet.call(guidance is null ? input : cat([input, input]), timestep, embeddings);
            if (guidance is not null)
            {
                var halves = prediction.chunk(2);
                prediction = halves[0] + guidance * (halves[1] - halves[0]);
            }
            var next = scheduler.Step(prediction, step, latents, noise).MoveToOuterDisposeScope();
            using var before = latents;
            latents = next;
            onLatents?.Invoke(step, latents);
            Report(progress, step, scheduler, prediction, before);
        }
        return latents.MoveToOuterDisposeScope();
    }

    /// <param name="latents">As the UNet sees them.</param>
    /// <returns>[batch, 3, height, width] in [0, 1].</returns>
    internal Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return (_vae.Decode(latents / _model.Vae.ScalingFactor) / 2 + 0.5).clamp(0, 1).MoveToOuterDisposeScope();
    }

    void Report(IProgress<StepProgress>? progress, int step, Scheduler scheduler, Tensor prediction, Tensor sample)
    {
        var reporting = true;
        progress?.Report(new StepProgress(step + 1, scheduler.Timesteps.Count)
        {
            Preview = n => reporting ? Preview(n) : throw new InvalidOperationException("the step is over"),
        });
        reporting = false;

        RgbImage Preview(int n)
        {
            using var scope = NewDisposeScope();
            return _preview.Paint(scheduler.PredictOriginal(prediction[n..(n + 1)], step, sample[n..(n + 1)]));
        }
    }

    public void Dispose()
    {
        _preview.Dispose();
        _textEncoder.Dispose();
        _unet.Dispose();
        _vae.Dispose();
    }

    T Ready<T>(T module, string weights) where T : nn.Module
    {
        WeightLoader.Load(module, weights);
        module.eval();
        return module.to(_device);
    }
}
