using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>A diagonal normal distribution over latents: what the encoder says about a picture.</summary>
/// <param name="Mean">[batch, latent_channels, height, width]; also the mode.</param>
/// <param name="LogVariance">Same shape, within [−30, 20].</param>
public sealed record LatentDistribution(Tensor Mean, Tensor LogVariance)
{
    /// <param name="noise">Unit normal, the mean's shape.</param>
    public Tensor Sample(Tensor noise)
    {
        using var scope = NewDisposeScope();
        return (Mean + exp(0.5 * LogVariance) * noise).MoveToOuterDisposeScope();
    }
}

/// <summary>Between pictures in [−1, 1] and latents. Neither direction applies <see cref="ScalingFactor"/>.</summary>
public interface IAutoencoder : IDisposable
{
    int LatentChannels { get; }

    /// <summary>Pixels along a side for each latent.</summary>
    int PixelsPerLatent { get; }

    /// <summary>Latents times this are what the UNet sees.</summary>
    double ScalingFactor { get; }

    /// <summary>Latents of a picture; draws from <paramref name="noise"/> where the encoder gives a distribution.</summary>
    Tensor EncodeSample(Tensor image, SeededNoise noise);

    Tensor Decode(Tensor latents);
}

/// <summary>Both directions of an autoencoder, or one.</summary>
public enum AutoencoderHalf
{
    Both,
    Encoder,
    Decoder,
}

/// <summary>
/// The autoencoder of latent diffusion (Rombach et al. 2022; Kingma and Welling 2013, arXiv:1312.6114): pictures in [−1, 1] to
/// latents of a 2^(levels−1)th of their size, and back. Neither direction applies scaling_factor. Member names are those of the weights.
/// </summary>
public sealed class AutoencoderKL : Module, IAutoencoder
{
    readonly VaeEncoder? encoder;
    readonly VaeDecoder? decoder;
    readonly Convolution2D? quant_conv;
    readonly Convolution2D? post_quant_conv;

    /// <param name="config">Its shape.</param>
    /// <param name="half">The only direction that it can go, and has weights for.</param>
    public AutoencoderKL(AutoencoderKLConfig config, AutoencoderHalf half = AutoencoderHalf.Both) : base(nameof(AutoencoderKL))
    {
        Config = config;
        if (half != AutoencoderHalf.Decoder)
        {
            encoder = new VaeEncoder(config);
            quant_conv = config.UseQuantConv ? new Convolution2D(2 * config.LatentChannels, 2 * config.LatentChannels, 1) : null;
        }
        if (half != AutoencoderHalf.Encoder)
        {
            decoder = new VaeDecoder(config);
            post_quant_conv = config.UsePostQuantConv ? new Convolution2D(config.LatentChannels, config.LatentChannels, 1) : null;
        }
        RegisterComponents();
    }

    public AutoencoderKLConfig Config { get; }
    public int LatentChannels => Config.LatentChannels;
    public int PixelsPerLatent => 1 << (Config.BlockOutChannels.Count - 1);
    public double ScalingFactor => Config.ScalingFactor;

    public Tensor EncodeSample(Tensor image, SeededNoise noise)
    {
        using var scope = NewDisposeScope();
        var distribution = Encode(image);
        return distribution.Sample(noise.Draw(distribution.Mean.shape).to(image.device)).MoveToOuterDisposeScope();
    }

    /// <param name="image">[batch, 3, height, width] in [−1, 1]; sizes divide by 2^(levels−1).</param>
    public LatentDistribution Encode(Tensor image)
    {
        using var scope = NewDisposeScope();
        var moments = (encoder ?? throw new InvalidOperationException("no encoder")).call(image);
        moments = quant_conv?.call(moments) ?? moments;
        var halves = moments.chunk(2, 1);
        return new LatentDistribution(halves[0].MoveToOuterDisposeScope(), halves[1].clamp(-30, 20).MoveToOuterDisposeScope());
    }

    /// <param name="latents">[batch, latent_channels, height, width], already divided by scaling_factor.</param>
    /// <returns>[batch, 3, height × 2^(levels−1), …], about [−1, 1], not clamped.</returns>
    public Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var z = post_quant_conv?.call(latents) ?? latents;
        return (decoder ?? throw new InvalidOperationException("no decoder")).call(z).MoveToOuterDisposeScope();
    }
}

static class AutoencoderKLConfigExtensions
{
    extension(AutoencoderKLConfig config)
    {
        /// <exception cref="ModelException">A key has a value that this engine has no code for.</exception>
        public void Verify(string path)
        {
            foreach (var type in config.DownBlockTypes)
            {
                ConfigFile.Require(type == "DownEncoderBlock2D", path, "down_block_types", type);
            }
            foreach (var type in config.UpBlockTypes)
            {
                ConfigFile.Require(type == "UpDecoderBlock2D", path, "up_block_types", type);
            }
            ConfigFile.Require(config.ActFn is "silu" or "swish", path, "act_fn", config.ActFn);
            ConfigFile.Require(config.ShiftFactor is null or 0, path, "shift_factor", config.ShiftFactor);
            ConfigFile.Require(config.LatentsMean is null, path, "latents_mean", "[…]");
            ConfigFile.Require(config.LatentsStd is null, path, "latents_std", "[…]");
            Blocks.Verify(config.BlockOutChannels, config.NormNumGroups, path);
            ConfigFile.RequireLayers(path, "layers_per_block", config.LayersPerBlock);
            ConfigFile.RequireSizes(path, "latent_channels", config.LatentChannels);
            ConfigFile.Require(config.InChannels == RgbImage.Channels, path, "in_channels", config.InChannels);
            ConfigFile.Require(config.OutChannels == RgbImage.Channels, path, "out_channels", config.OutChannels);
            ConfigFile.Require(double.IsNormal(config.ScalingFactor), path, "scaling_factor", config.ScalingFactor);
        }
    }
}

sealed class VaeEncoder : Module<Tensor, Tensor>
{
    readonly Convolution2D conv_in;
    readonly ModuleList<DownEncoderBlock2D> down_blocks = new();
    readonly VaeMidBlock2D mid_block;
    readonly GroupNorm conv_norm_out;
    readonly Convolution2D conv_out;

    public VaeEncoder(AutoencoderKLConfig config) : base(nameof(VaeEncoder))
    {
        var channels = config.BlockOutChannels;
        conv_in = new Convolution2D(config.InChannels, channels[0], 3, padding: 1);
        for (var level = 0; level < channels.Count; level++)
        {
            down_blocks.Add(new DownEncoderBlock2D(config, channels[Math.Max(level - 1, 0)], channels[level], downsamples: level < channels.Count - 1));
        }
        mid_block = new VaeMidBlock2D(config);
        conv_norm_out = GroupNorm(config.NormNumGroups, channels[^1], VaeMidBlock2D.NormEps);
        conv_out = new Convolution2D(channels[^1], 2 * config.LatentChannels, 3, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor image)
    {
        using var scope = NewDisposeScope();
        var h = conv_in.call(image);
        foreach (var block in down_blocks)
        {
            h = block.call(h);
        }
        h = mid_block.call(h);
        return conv_out.call(functional.silu(conv_norm_out.call(h))).MoveToOuterDisposeScope();
    }
}

sealed class VaeDecoder : Module<Tensor, Tensor>
{
    readonly Convolution2D conv_in;
    readonly VaeMidBlock2D mid_block;
    readonly ModuleList<UpDecoderBlock2D> up_blocks = new();
    readonly GroupNorm conv_norm_out;
    readonly Convolution2D conv_out;

    public VaeDecoder(AutoencoderKLConfig config) : base(nameof(VaeDecoder))
    {
        var channels = config.BlockOutChannels;
        conv_in = new Convolution2D(config.LatentChannels, channels[^1], 3, padding: 1);
        mid_block = new VaeMidBlock2D(config);
        for (var level = channels.Count - 1; level >= 0; level--)
        {
            up_blocks.Add(new UpDecoderBlock2D(config, channels[Math.Min(level + 1, channels.Count - 1)], channels[level], upsamples: level > 0));
        }
        conv_norm_out = GroupNorm(config.NormNumGroups, channels[0], VaeMidBlock2D.NormEps);
        conv_out = new Convolution2D(channels[0], config.OutChannels, 3, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var h = mid_block.call(conv_in.call(latents));
        foreach (var block in up_blocks)
        {
            h = block.call(h);
        }
        return conv_out.call(functional.silu(conv_norm_out.call(h))).MoveToOuterDisposeScope();
    }
}

sealed class DownEncoderBlock2D : Module<Tensor, Tensor>
{
    readonly ModuleList<ResnetBlock2D> resnets = new();
    readonly ModuleList<Downsample2D>? downsamplers;

    public DownEncoderBlock2D(AutoencoderKLConfig config, int inChannels, int outChannels, bool downsamples) : base(nameof(DownEncoderBlock2D))
    {
        for (var i = 0; i < config.LayersPerBlock; i++)
        {
            resnets.Add(new ResnetBlock2D(i == 0 ? inChannels : outChannels, outChannels, null, config.NormNumGroups, VaeMidBlock2D.NormEps));
        }
        downsamplers = downsamples ? new(new Downsample2D(outChannels, padsBottomRight: true)) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor h)
    {
        using var scope = NewDisposeScope();
        foreach (var resnet in resnets)
        {
            h = resnet.call(h, null);
        }
        return (downsamplers?[0].call(h) ?? h).MoveToOuterDisposeScope();
    }
}

sealed class UpDecoderBlock2D : Module<Tensor, Tensor>
{
    readonly ModuleList<ResnetBlock2D> resnets = new();
    readonly ModuleList<Upsample2D>? upsamplers;

    public UpDecoderBlock2D(AutoencoderKLConfig config, int inChannels, int outChannels, bool upsamples) : base(nameof(UpDecoderBlock2D))
    {
        for (var i = 0; i <= config.LayersPerBlock; i++)
        {
            resnets.Add(new ResnetBlock2D(i == 0 ? inChannels : outChannels, outChannels, null, config.NormNumGroups, VaeMidBlock2D.NormEps));
        }
        upsamplers = upsamples ? new(new Upsample2D(outChannels)) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor h)
    {
        using var scope = NewDisposeScope();
        foreach (var resnet in resnets)
        {
            h = resnet.call(h, null);
        }
        return (upsamplers?[0].call(h, null) ?? h).MoveToOuterDisposeScope();
    }
}

sealed class VaeMidBlock2D : Module<Tensor, Tensor>
{
    internal const double NormEps = 1e-6;

    readonly ModuleList<ResnetBlock2D> resnets;
    readonly ModuleList<VaeAttention>? attentions;

    public VaeMidBlock2D(AutoencoderKLConfig config) : base(nameof(VaeMidBlock2D))
    {
        var channels = config.BlockOutChannels[^1];
        resnets = new(
            new ResnetBlock2D(channels, channels, null, config.NormNumGroups, NormEps),
            new ResnetBlock2D(channels, channels, null, config.NormNumGroups, NormEps));
        attentions = config.MidBlockAddAttention ? new(new VaeAttention(channels, config.NormNumGroups)) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor h)
    {
        using var scope = NewDisposeScope();
        h = resnets[0].call(h, null);
        h = attentions?[0].call(h) ?? h;
        return resnets[1].call(h, null).MoveToOuterDisposeScope();
    }
}

/// <summary>Self-attention of one head over all places of the picture, added to its input.</summary>
sealed class VaeAttention : Module<Tensor, Tensor>
{
    readonly GroupNorm group_norm;
    readonly Linear to_q, to_k, to_v;
    readonly ModuleList<Linear> to_out;

    public VaeAttention(int channels, int groups) : base(nameof(VaeAttention))
    {
        group_norm = GroupNorm(groups, channels, VaeMidBlock2D.NormEps);
        to_q = new Linear(channels, channels);
        to_k = new Linear(channels, channels);
        to_v = new Linear(channels, channels);
        to_out = new(new Linear(channels, channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var tokens = group_norm.call(x).flatten(2).transpose(1, 2);
        var attended = to_out[0].call(MultiHeadAttention.Attend(to_q.call(tokens), to_k.call(tokens), to_v.call(tokens), heads: 1));
        return (attended.transpose(1, 2).reshape(x.shape) + x).MoveToOuterDisposeScope();
    }
}
