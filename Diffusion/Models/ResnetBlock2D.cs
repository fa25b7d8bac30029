using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// Two convolutions with group norm and SiLU around a residual (He et al. 2015); the UNet adds the time embedding between them,
/// the autoencoder has none.
/// </summary>
sealed class ResnetBlock2D : Module<Tensor, TimeState?, Tensor>
{
    readonly GroupNorm norm1;
    readonly Convolution2D conv1;
    readonly Linear? time_emb_proj;
    readonly GroupNorm norm2;
    readonly Convolution2D conv2;
    readonly Convolution2D? conv_shortcut;

    public ResnetBlock2D(int inChannels, int outChannels, int? timeEmbedding, int groups, double eps) : base(nameof(ResnetBlock2D))
    {
        norm1 = GroupNorm(groups, inChannels, eps);
        conv1 = new Convolution2D(inChannels, outChannels, 3, padding: 1);
        time_emb_proj = timeEmbedding is { } t ? new Linear(t, outChannels) : null;
        norm2 = GroupNorm(groups, outChannels, eps);
        conv2 = new Convolution2D(outChannels, outChannels, 3, padding: 1);
        conv_shortcut = inChannels != outChannels ? new Convolution2D(inChannels, outChannels, 1) : null;
        RegisterComponents();
    }

    /// <param name="x">[batch, in, height, width]</param>
    /// <param name="time">Null for an autoencoder.</param>
    /// <returns>[batch, out, height, width]</returns>
    public override Tensor forward(Tensor x, TimeState? time)
    {
        using var scope = NewDisposeScope();
        var h = conv1.call(functional.silu(norm1.call(x)));
        if (time_emb_proj is not null && time is not null)
        {
            h = h + time.Run.Through(time_emb_proj, time.Step);
        }
        h = conv2.call(functional.silu(norm2.call(h)));
        return (h + (conv_shortcut?.call(x) ?? x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Halves height and width with a strided convolution.</summary>
sealed class Downsample2D : Module<Tensor, Tensor>
{
    readonly Convolution2D conv;
    readonly bool _padsBottomRight;

    /// <param name="channels">In and out.</param>
    /// <param name="padsBottomRight">The autoencoder pads right and bottom only, the UNet on all sides.</param>
    public Downsample2D(int channels, bool padsBottomRight) : base(nameof(Downsample2D))
    {
        _padsBottomRight = padsBottomRight;
        conv = new Convolution2D(channels, channels, 3, stride: 2, padding: padsBottomRight ? 0 : 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (!_padsBottomRight)
        {
            return conv.call(x);
        }
        using var padded = functional.pad(x, [0, 1, 0, 1]);
        return conv.call(padded);
    }
}

/// <summary>Nearest-neighbour enlargement to twice the size, or to the given one, then a convolution.</summary>
sealed class Upsample2D : Module<Tensor, long[]?, Tensor>
{
    readonly Convolution2D conv;

    public Upsample2D(int channels) : base(nameof(Upsample2D))
    {
        conv = new Convolution2D(channels, channels, 3, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, long[]? size)
    {
        using var larger = functional.interpolate(x, size ?? [x.shape[2] * 2, x.shape[3] * 2], mode: InterpolationMode.Nearest);
        return conv.call(larger);
    }
}
