using System.Runtime.InteropServices;
using SdAspire.Diffusion.Kernels;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// Text to picture with a model of the Stable Diffusion family: encode the prompt, denoise latents step by step, decode them. One
/// operating-system thread does everything: libtorch's modes and TorchSharp's scopes belong to a thread.
/// </summary>
public sealed class StableDiffusionPipeline : IDisposable
{
    const long Gibibyte = 1024 * 1024 * 1024;

    readonly ModelFiles _model;
    readonly TextConditioner _conditioner;
    readonly UNet2DConditionModel _unet;
    readonly IAutoencoder _vae;
    readonly LatentPreview _preview;
    readonly Device _device;
    readonly ScalarType _precision;
    readonly bool? _freesTextEncoders;
    readonly bool _checksSafety;
    AutoencoderKL? _encoder;
    SafetyChecker? _safetyChecker;

    StableDiffusionPipeline(ModelFiles model, IReadOnlyList<LoraWeights> loras, Device device, LoadOptions options)
    {
        _model = model;
        _device = device;
        _freesTextEncoders = loras.Count > 0 ? false : options.FreesTextEncoders;
        _checksSafety = options.SafetyChecker;
        model.NewScheduler(null).Dispose();
        NativeAllocator.GiveBackLargeBlocks();
        _conditioner = new(
            model, model.Tokenizers(),
            encoder => Ready(new ClipTextModel(encoder.Config), encoder.Open, Merge(encoder.Name)), device);
        _conditioner.LoadEncoders();
        _unet = new UNet2DConditionModel(model.UNet);
        _precision = options.Precision.On(device, _unet.parameters().Sum(p => p.numel()));
        Ready(_unet.to(_precision), model.OpenUNet, Merge("unet"));
        _vae = model.Autoencoder.Tiny is { } tiny
            ? Ready(new AutoencoderTiny(tiny), model.Autoencoder.Open)
            : Ready(new AutoencoderKL(model.Autoencoder.Large!, AutoencoderHalf.Decoder), model.Autoencoder.Open);
        _preview = new LatentPreview(_vae);
        NativeAllocator.KeepLargeBlocks();

        Action<string, Tensor>? Merge(string part) => loras.Count == 0 ? null : (name, weight) =>
        {
            var originalName = part == "unet" ? LdmNames.UNet(name, model.UNet) : null;
            foreach (var lora in loras)
            {
                lora.MergeInto(part, name, originalName, weight);
            }
        };
    }

    T Ready<T>(T module, Func<StateDict> open, Action<string, Tensor>? merge = null) where T : nn.Module
    {
        using var weights = open();
        WeightLoader.Load(module, weights, merge);
        module.eval();
        module.to(_device);
        foreach (var convolution in module.modules().OfType<Convolution2D>())
        {
            convolution.Pack();
        }
        // Some are loaded in the middle of a pass, and stay.
        foreach (var weight in module.parameters().Concat(module.buffers()))
        {
            weight.DetachFromDisposeScope();
        }
        return module;
    }

    /// <summary>Pixels along a side for each latent.</summary>
    public int PixelsPerLatent => _vae.PixelsPerLatent;

    internal UNet2DConditionModel UNet => _unet;

    /// <summary>What the UNet computes in.</summary>
    internal ScalarType Precision => _precision;

    internal IReadOnlyList<ClipTextModel> TextEncoders => _conditioner.LoadEncoders();

    /// <param name="path">A model's directory in diffusers' layout, or its single .safetensors file.</param>
    /// <param name="options">How to load it; null for all as it comes.</param>
    /// <exception cref="ModelException">A file is missing, truncated or does not fit; names the file.</exception>
    public static StableDiffusionPipeline Load(string path, LoadOptions? options = null)
    {
        options ??= new();
        var model = ModelFiles.Open(path, options.Autoencoder);
        var opened = new List<LoraWeights>();
        try
        {
            foreach (var lora in options.Loras)
            {
                opened.Add(new LoraWeights(lora));
            }
            var pipeline = new StableDiffusionPipeline(model, opened, options.Device switch
            {
                DeviceChoice.Cpu => CPU,
                DeviceChoice.Cuda => cuda.is_available() ? CUDA : throw new ModelException($"{path}: no CUDA device is available"),
                _ => cuda.is_available() ? CUDA : CPU,
            }, options);
            opened.ForEach(lora => lora.VerifyAllMerged());
            return pipeline;
        }
        // libtorch's, such as that there is not enough memory; after the first line it lists its own functions.
        catch (ExternalException fault)
        {
            throw new ModelException($"{path}: {fault.Message.Split('\n')[0]}", fault);
        }
        finally
        {
            opened.ForEach(lora => lora.Dispose());
        }
    }

    /// <inheritdoc cref="Load(string, LoadOptions)"/>
    public static StableDiffusionPipeline Load(string path, DeviceChoice device) => Load(path, new LoadOptions { Device = device });

    /// <summary>What a request asks for in vain, such as words beyond what the text encoder reads; on any thread.</summary>
    public IReadOnlyList<string> Warnings(TextToImageRequest request) => [.. _conditioner.Warnings(request)];

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
    /// A request asks for what cannot be, such as a size that does not divide by <see cref="PixelsPerLatent"/>, or they do not fit
    /// together.
    /// </exception>
    /// <exception cref="ModelException">The scheduler is unknown.</exception>
    public IReadOnlyList<RgbImage> Generate(
        IReadOnlyList<TextToImageRequest> requests, IProgress<StepProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (requests is not [var one, ..] || !requests.All(one.FitsWith))
        {
            throw new ArgumentException(
                "a pass takes one request, or several of the same size, steps and scheduler that differ in prompts, seeds and how "
                + "strong the guidance is", nameof(requests));
        }
        requests.ToList().ForEach(Verify);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var scheduler = _model.NewScheduler(one.Scheduler);
        using var noise = new SeededNoise([.. requests.Select(r => r.Seed)]);
        var guidance = GuidanceOf(requests);
        var (width, height) = (one.Width / PixelsPerLatent, one.Height / PixelsPerLatent);
        // In the reference's order: each draw moves the generator.
        var images = Stack(requests.Select(r => r.Image));
        var clean = images is null || (_model.PaintsIntoPictures && one.Strength == 1) ? null : EncodePicture(images, noise);
        var initial = noise.Draw(requests.Count, _vae.LatentChannels, height, width);
        var picture = images is null ? null : Start(clean, images, Stack(requests.Select(r => r.Mask)), one.Strength, noise);
        var conditioning = Encode(requests);
        FreeTextEncoders();
        var latents = Denoise(
            initial, conditioning, scheduler, one.Steps, guidance, noise, progress, cancellationToken, picture: picture);
        // One by one: decoding is the peak of memory, and for all but the smallest pictures slower together.
        IReadOnlyList<RgbImage> pictures = [.. latents.split(1).Select(latent => Withhold(Decode(latent)))];
        NativeAllocator.GiveBack();
        return pictures;
    }

    /// <param name="image">[1, 3, height, width] in [0, 1].</param>
    RgbImage Withhold(Tensor image)
    {
        var picture = RgbImage.FromTensor(image[0]);
        if (!_checksSafety || _model.SafetyChecker is not { } files)
        {
            return picture;
        }
        _safetyChecker ??= Ready(new SafetyChecker(files.Config), files.Open);
        return _safetyChecker.call(image)[0]
            ? picture with { Pixels = new byte[picture.Pixels.Length], IsWithheld = true }
            : picture;
    }

    /// <summary>Gives the text encoders' memory back, where they are not to stay.</summary>
    internal void FreeTextEncoders()
    {
        if (_freesTextEncoders ?? MemoryIsShort)
        {
            _conditioner.FreeEncoders();
        }
    }

    static bool MemoryIsShort => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet < Gibibyte;

    /// <exception cref="ArgumentException">Names what the engine cannot do.</exception>
    void Verify(TextToImageRequest request)
    {
        Require(request.Steps >= 1 && request.Steps <= _model.Scheduler.NumTrainTimesteps,
            $"{request.Steps} steps must be from 1 to {_model.Scheduler.NumTrainTimesteps}");
        Require(request.Width > 0 && request.Height > 0 && request.Width % PixelsPerLatent == 0 && request.Height % PixelsPerLatent == 0,
            $"width {request.Width} and height {request.Height} must divide by {PixelsPerLatent}");
        Require(request.ClipSkip >= 0 && request.ClipSkip <= _conditioner.MaximumClipSkip,
            $"clip skip {request.ClipSkip} must be from 0 to {_conditioner.MaximumClipSkip}");
        Require(request.GuidanceRescale is >= 0 and <= 1, $"guidance rescale {request.GuidanceRescale} must be from 0 to 1");
        Require(request.Mask is null || request.Image is not null, "a mask needs an image");
        foreach (var (image, name) in new[] { (request.Image, "image"), (request.Mask, "mask") })
        {
            Require(image is null || (image.Width, image.Height) == (request.Width, request.Height),
                $"the {name} is {image?.Width} × {image?.Height}, the request {request.Width} × {request.Height}");
        }
        Require(request.Image is null || (request.Strength is > 0 and <= 1 && (int)(request.Steps * request.Strength) > 0),
            $"strength {request.Strength} must be above 0, at most 1, and leave at least one of {request.Steps} steps");
        Require(!_model.PaintsIntoPictures || request.Mask is not null, "the model paints into pictures: it needs an image and a mask");

        static void Require(bool holds, string fault)
        {
            if (!holds)
            {
                throw new ArgumentException(fault);
            }
        }
    }

    static Tensor? Stack(IEnumerable<RgbImage?> images) =>
        images.ToList() is var all && all[0] is null ? null : cat([.. all.Select(image => image!.ToTensor())]);

    /// <summary>Latents of pictures as the UNet sees them.</summary>
    /// <param name="images">[batch, 3, height, width] in [0, 1].</param>
    /// <param name="noise">The encoder's distribution is sampled with it.</param>
    internal Tensor EncodePicture(Tensor images, SeededNoise noise)
    {
        using var scope = NewDisposeScope();
        // Few wish for a picture to begin with: this half is read with the first one that does.
        IAutoencoder encoder = _vae is AutoencoderKL decoder
            ? _encoder ??= Ready(new AutoencoderKL(decoder.Config, AutoencoderHalf.Encoder), _model.Autoencoder.Open)
            : _vae;
        return (encoder.EncodeSample((images * 2 - 1).to(_device), noise) * _vae.ScalingFactor).MoveToOuterDisposeScope();
    }

    /// <param name="clean">From <see cref="EncodePicture"/>; null for a UNet that paints into pictures and leaves nothing of them.</param>
    /// <param name="images">[batch, 3, height, width] in [0, 1].</param>
    /// <param name="mask">From one half on where to paint, [batch, channels, height, width]; null for no inpainting.</param>
    internal InitialPicture Start(Tensor? clean, Tensor images, Tensor? mask, double strength, SeededNoise noise)
    {
        if (mask is null)
        {
            return new(clean, strength);
        }
        using var scope = NewDisposeScope();
        var paint = (mask[TensorIndex.Colon, TensorIndex.Slice(0, 1)] >= 0.5).to(ScalarType.Float32);
        // Grey is zero for the encoder. The reference encodes this, and draws for it, also for a UNet that does not look at it.
        var masked = EncodePicture(images * (1 - paint) + paint / 2, noise);
        var small = nn.functional.interpolate(paint, masked.shape[2..], mode: InterpolationMode.Nearest).to(_device);
        return new(
            clean, strength, small.MoveToOuterDisposeScope(), _model.PaintsIntoPictures ? masked.MoveToOuterDisposeScope() : null);
    }

    /// <summary>The guidance of a pass; null where it is off.</summary>
    internal Guidance? GuidanceOf(IReadOnlyList<TextToImageRequest> requests) => IsGuided(requests[0].GuidanceScale)
        ? new(tensor(requests.Select(r => (float)r.GuidanceScale).ToArray(), [requests.Count, 1, 1, 1]).to(_device), requests[0].GuidanceRescale)
        : null;

    /// <summary>The prompts of a pass, as <see cref="Denoise"/> wants them.</summary>
    internal Conditioning Encode(IReadOnlyList<TextToImageRequest> requests) =>
        _conditioner.Encode(requests, IsGuided(requests[0].GuidanceScale));

    // A UNet that is told the scale needs no second prediction.
    bool IsGuided(double scale) => scale > 1 && _model.UNet.TimeCondProjDim is null;

    /// <param name="initial">Unit normal, [batch, channels, height, width] of the latents.</param>
    /// <param name="conditioning">From <see cref="Encode"/>.</param>
    /// <param name="guidance">From <see cref="GuidanceOf"/>.</param>
    /// <param name="picture">From <see cref="Start"/>; null begins with noise alone.</param>
    internal Tensor Denoise(
        Tensor initial, Conditioning conditioning, Scheduler scheduler, int steps, Guidance? guidance, SeededNoise noise,
        IProgress<StepProgress>? progress = null, CancellationToken cancellationToken = default, Action<int, Tensor>? onLatents = null,
        InitialPicture? picture = null)
    {
        using var scope = NewDisposeScope();
        scheduler.SetTimesteps(steps);
        var first = scheduler.Begin(steps, picture?.Strength ?? 1);
        var unit = initial.to(_device);
        var latents = picture?.BeginsWithNoise ?? true
            ? unit * scheduler.InitNoiseSigma
            : scheduler.AddNoise(picture.Latents!, unit, first);
        using var times = _unet.Times(
            tensor(scheduler.Timesteps.Select(t => (float)t).ToArray(), [scheduler.Timesteps.Count, 1]).to(_device), conditioning.Added);
        using var text = new TextStates(conditioning.Embeddings.to(_precision));
        for (var step = first; step < scheduler.Timesteps.Count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var input = scheduler.ScaleModelInput(latents, step);
            if (picture?.Masked is { } masked)
            {
                input = cat([input, picture.Mask!, masked], 1);
            }
            var prediction = _unet.Predict(
                (guidance is null ? input : cat([input, input])).to(_precision), times.At(step), text).to(ScalarType.Float32);
            prediction = guidance?.Apply(prediction) ?? prediction;
            var next = scheduler.Step(prediction, step, latents, noise);
            if (picture is { PutsBack: true, Mask: { } mask, Latents: { } clean })
            {
                // What is to stay is as noisy as the rest.
                var kept = step + 1 < scheduler.Timesteps.Count ? scheduler.AddNoise(clean, unit, step + 1) : clean;
                next = (1 - mask) * kept + mask * next;
            }
            next = next.MoveToOuterDisposeScope();
            using var before = latents;
            latents = next;
            onLatents?.Invoke(step, latents);
            Report(progress, step, first, scheduler, prediction, before);
        }
        return latents.MoveToOuterDisposeScope();
    }

    /// <param name="latents">As the UNet sees them.</param>
    /// <returns>[batch, 3, height, width] in [0, 1].</returns>
    internal Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return (_vae.Decode(latents / _vae.ScalingFactor) / 2 + 0.5).clamp(0, 1).MoveToOuterDisposeScope();
    }

    void Report(IProgress<StepProgress>? progress, int step, int first, Scheduler scheduler, Tensor prediction, Tensor sample)
    {
        var reporting = true;
        progress?.Report(new StepProgress(step - first + 1, scheduler.Timesteps.Count - first)
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
        _conditioner.Dispose();
        _unet.Dispose();
        _vae.Dispose();
        _encoder?.Dispose();
        _safetyChecker?.Dispose();
    }
}
