using SdAspire.Diffusion.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// A convolution over height and width, with TorchSharp's names; its values are to be loaded. After <see cref="Pack"/> it keeps its
/// weight in the layout that the CPU's kernels compute with, and only there.
/// </summary>
sealed class Convolution2D : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight;
    internal readonly Parameter? bias;
    readonly long _stride, _padding;
    PackedConvolution? _packed;

    public Convolution2D(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, bool bias = true)
        : base(nameof(Convolution2D))
    {
        (_stride, _padding) = (stride, padding);
        weight = new Parameter(empty(outChannels, inChannels, kernelSize, kernelSize));
        this.bias = bias ? new Parameter(empty(outChannels)) : null;
        RegisterComponents();
    }

    /// <summary>
    /// From now on computes with a packed weight, where the CPU and the weight's type allow it; training is over then.
    /// </summary>
    public void Pack() => _packed ??= PackedConvolution.Of(weight, bias, _stride, _padding);

    /// <param name="x">[batch, in, height, width]</param>
    /// <returns>[batch, out, …]; of a packed convolution with the channels innermost in memory.</returns>
    public override Tensor forward(Tensor x) =>
        _packed?.Apply(x)
        ?? nn.functional.conv2d(x, weight, bias, strides: [_stride, _stride], padding: [_padding, _padding]);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _packed?.Dispose();
        }
        base.Dispose(disposing);
    }
}
