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
    readonly Device _device;

    StableDiffusionPipeline(ModelDirectory model, Device device)
    {
        _model = model;
        _device = device;
        _tokenizer = ClipTokenizer.FromDirectory(model.Tokenizer);
        _textEncoder = Ready(new ClipTextModel(model.TextEncoder), model.TextEncoderWeights);
        _unet = Ready(new UNet2DConditionModel(model.UNet), model.UNetWeights);
        _vae = Ready(new AutoencoderKL(model.Vae), model.VaeWeights);
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
    /// <param name="request">What to paint.</param>
    /// <param name="progress">Called after each step, on this thread.</param>
    /// <param name="cancellationToken">Looked at between steps.</param>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    /// <exception cref="ArgumentException">The size does not divide by <see cref="PixelsPerLatent"/>.</exception>
    /// <exception cref="ModelException">The scheduler is unknown.</exception>
    public RgbImage Generate(TextToImageRequest request, IProgress<StepProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (request.Width % PixelsPerLatent != 0 || request.Height % PixelsPerLatent != 0)
        {
            throw new ArgumentException($"width {request.Width} and height {request.Height} must divide by {PixelsPerLatent}", nameof(request));
        }
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var scheduler = Scheduler.Create(request.Scheduler ?? _model.Scheduler.ClassName ?? "", _model.Scheduler);
        using var generator = SeededNoise.From(request.Seed);

        var noise = SeededNoise.Draw([1, _model.UNet.InChannels, request.Height / PixelsPerLatent, request.Width / PixelsPerLatent], generator);
        var embeddings = EncodePrompts([request.Prompt], [request.NegativePrompt ?? ""], request.GuidanceScale);
        var latents = Denoise(noise, embeddings, scheduler, request.Steps, request.GuidanceScale, generator, progress, cancellationToken);
        return RgbImage.FromTensor(Decode(latents)[0]);
    }

    /// <summary>The prompts as the UNet wants them: [negative; positive] when guidance is on, else the positive alone.</summary>
    /// <returns>[batch or 2 × batch, tokens, hidden]</returns>
    internal Tensor EncodePrompts(IReadOnlyList<string> prompts, IReadOnlyList<string> negativePrompts, double guidanceScale)
    {
        using var scope = NewDisposeScope();
        var texts = guidanceScale > 1 ? [.. negativePrompts, .. prompts] : prompts;
        var ids = texts.SelectMany(t => _tokenizer.Encode(t)).Select(id => (long)id).ToArray();
        var inputIds = tensor(ids, [texts.Count, _tokenizer.MaxLength], ScalarType.Int64).to(_device);
        return _textEncoder.call(inputIds).LastHiddenState.MoveToOuterDisposeScope();
    }

    /// <param name="noise">Unit normal, [batch, channels, height, width] of the latents.</param>
    /// <param name="embeddings">From <see cref="EncodePrompts"/>.</param>
    internal Tensor Denoise(
        Tensor noise, Tensor embeddings, Scheduler scheduler, int steps, double guidanceScale, Generator? generator = null,
        IProgress<StepProgress>? progress = null, CancellationToken cancellationToken = default, Action<int, Tensor>? onLatents = null)
    {
        using var scope = NewDisposeScope();
        var guided = guidanceScale > 1;
        scheduler.SetTimesteps(steps);
        var latents = noise.to(_device) * scheduler.InitNoiseSigma;
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var input = scheduler.ScaleModelInput(latents, step);
            var timestep = tensor(new[] { (float)scheduler.Timesteps[step] }).to(_device);
            var prediction = _unet.call(guided ? cat([input, input]) : input, timestep, embeddings);
            if (guided)
            {
                var halves = prediction.chunk(2);
                prediction = halves[0] + guidanceScale * (halves[1] - halves[0]);
            }
            var next = scheduler.Step(prediction, step, latents, generator).MoveToOuterDisposeScope();
            latents.Dispose();
            latents = next;
            onLatents?.Invoke(step, latents);
            progress?.Report(new StepProgress(step + 1, scheduler.Timesteps.Count));
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

    public void Dispose()
    {
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
