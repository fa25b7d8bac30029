using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// A small autoencoder without attention and norms that was trained to stand in for a large one (TAESD, Ollin Boer Bohan 2023):
/// latents and pictures are the same, its decoding takes a small part of the time. Member names are those of the weights.
/// </summary>
public sealed class AutoencoderTiny : Module, IAutoencoder
{
    readonly TinyEncoder encoder;
    readonly TinyDecoder decoder;

    public AutoencoderTiny(AutoencoderTinyConfig config) : base(nameof(AutoencoderTiny))
    {
        Config = config;
        encoder = new TinyEncoder(config);
        decoder = new TinyDecoder(config);
        RegisterComponents();
    }

    public AutoencoderTinyConfig Config { get; }
    public int LatentChannels => Config.LatentChannels;
    public int PixelsPerLatent => 1 << (Config.EncoderBlockOutChannels.Count - 1);
    public double ScalingFactor => Config.ScalingFactor;

    /// <param name="image">[batch, 3, height, width] in [−1, 1]; sizes divide by <see cref="PixelsPerLatent"/>.</param>
    public Tensor Encode(Tensor image)
    {
        using var scope = NewDisposeScope();
        return encoder.call((image + 1) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>The latents themselves: this encoder gives no distribution, and nothing is drawn.</summary>
    public Tensor EncodeSample(Tensor image, SeededNoise noise) => Encode(image);

    /// <param name="latents">[batch, latent_channels, height, width], already divided by scaling_factor.</param>
    /// <returns>[batch, 3, height × <see cref="PixelsPerLatent"/>, …], about [−1, 1], not clamped.</returns>
    public Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return (decoder.call(latents) * 2 - 1).MoveToOuterDisposeScope();
    }
}

static class AutoencoderTinyConfigExtensions
{
    extension(AutoencoderTinyConfig config)
    {
        /// <exception cref="ModelException">A key has a value that this engine has no code for.</exception>
        public void Verify(string path)
        {
            ConfigFile.Require(config.ActFn == "relu", path, "act_fn", config.ActFn);
            ConfigFile.Require(config.UpsampleFn == "nearest", path, "upsample_fn", config.UpsampleFn);
            ConfigFile.Require(
                config.UpsamplingScalingFactor == 2, path, "upsampling_scaling_factor", config.UpsamplingScalingFactor);
            ConfigFile.Require(config.ShiftFactor is null or 0, path, "shift_factor", config.ShiftFactor);
            ConfigFile.RequireSizes(path, "latent_channels", config.LatentChannels);
            ConfigFile.Require(config.InChannels == RgbImage.Channels, path, "in_channels", config.InChannels);
            ConfigFile.Require(config.OutChannels == RgbImage.Channels, path, "out_channels", config.OutChannels);
            ConfigFile.Require(double.IsNormal(config.ScalingFactor), path, "scaling_factor", config.ScalingFactor);
            ConfigFile.RequireSizes(path, "encoder_block_out_channels", config.EncoderBlockOutChannels.Select(c => (int?)c));
            ConfigFile.RequireSizes(path, "decoder_block_out_channels", config.DecoderBlockOutChannels.Select(c => (int?)c));
            ConfigFile.RequireLayers(path, "num_encoder_blocks", config.NumEncoderBlocks);
            ConfigFile.RequireLayers(path, "num_decoder_blocks", config.NumDecoderBlocks);
            var levels = config.EncoderBlockOutChannels.Count;
            ConfigFile.Require(levels > 0 && config.NumEncoderBlocks.Count == levels,
                path, "num_encoder_blocks", string.Join(", ", config.NumEncoderBlocks));
            ConfigFile.Require(config.NumDecoderBlocks.Count == levels && config.DecoderBlockOutChannels.Count == levels,
                path, "num_decoder_blocks", string.Join(", ", config.NumDecoderBlocks));
        }
    }
}

sealed class TinyEncoder : Module<Tensor, Tensor>
{
    readonly Sequential layers;

    public TinyEncoder(AutoencoderTinyConfig config) : base(nameof(TinyEncoder))
    {
        var parts = new List<Module<Tensor, Tensor>>();
        for (var level = 0; level < config.EncoderBlockOutChannels.Count; level++)
        {
            var channels = config.EncoderBlockOutChannels[level];
            parts.Add(level == 0
                ? new Convolution2D(config.InChannels, channels, 3, padding: 1)
                : new Convolution2D(channels, channels, 3, padding: 1, stride: 2, bias: false));
            parts.AddRange(Enumerable.Range(0, config.NumEncoderBlocks[level]).Select(_ => new AutoencoderTinyBlock(channels)));
        }
        parts.Add(new Convolution2D(config.EncoderBlockOutChannels[^1], config.LatentChannels, 3, padding: 1));
        layers = Sequential(parts);
        RegisterComponents();
    }

    public override Tensor forward(Tensor image) => layers.call(image);
}

sealed class TinyDecoder : Module<Tensor, Tensor>
{
    // Latents that lie far out are bent back smoothly.
    const double Bound = 3;

    readonly Sequential layers;

    public TinyDecoder(AutoencoderTinyConfig config) : base(nameof(TinyDecoder))
    {
        var parts = new List<Module<Tensor, Tensor>>
        {
            new Convolution2D(config.LatentChannels, config.DecoderBlockOutChannels[0], 3, padding: 1), ReLU(),
        };
        for (var level = 0; level < config.DecoderBlockOutChannels.Count; level++)
        {
            var channels = config.DecoderBlockOutChannels[level];
            var last = level == config.DecoderBlockOutChannels.Count - 1;
            parts.AddRange(Enumerable.Range(0, config.NumDecoderBlocks[level]).Select(_ => new AutoencoderTinyBlock(channels)));
            if (!last)
            {
                parts.Add(Upsample(scale_factor: [2, 2], mode: UpsampleMode.Nearest));
            }
            parts.Add(new Convolution2D(channels, last ? config.OutChannels : channels, 3, padding: 1, bias: last));
        }
        layers = Sequential(parts);
        RegisterComponents();
    }

    public override Tensor forward(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return layers.call((latents / Bound).tanh() * Bound).MoveToOuterDisposeScope();
    }
}

/// <summary>Three convolutions around a residual.</summary>
sealed class AutoencoderTinyBlock : Module<Tensor, Tensor>
{
    readonly Sequential conv;

    public AutoencoderTinyBlock(int channels) : base(nameof(AutoencoderTinyBlock))
    {
        conv = Sequential(
            new Convolution2D(channels, channels, 3, padding: 1), ReLU(),
            new Convolution2D(channels, channels, 3, padding: 1), ReLU(),
            new Convolution2D(channels, channels, 3, padding: 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return functional.relu(conv.call(x) + x).MoveToOuterDisposeScope();
    }
}
