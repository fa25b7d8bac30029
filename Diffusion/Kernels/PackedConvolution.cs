using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Kernels;

/// <summary>
/// A convolution whose weight lies in the blocked layout of oneDNN's kernels. libtorch otherwise brings it there on every call,
/// which for wide layers at small sizes takes longer than the convolution itself.
/// </summary>
sealed class PackedConvolution : IDisposable
{
    readonly Parameter _weight;
    readonly Parameter? _bias;
    readonly long _stride, _padding;
    Tensor? _packed;
    long[] _packedFor = [];

    PackedConvolution(Parameter weight, Parameter? bias, long stride, long padding) =>
        (_weight, _bias, _stride, _padding) = (weight, bias, stride, padding);

    /// <summary>Packs with the first input, whose size the layout depends on; null where there is nothing to gain.</summary>
    public static PackedConvolution? Of(Parameter weight, Parameter? bias, long stride, long padding) =>
        weight.device_type == DeviceType.CPU && TorchAbi.CanPackConvolutions(weight.dtype)
            ? new(weight, bias, stride, padding)
            : null;

    /// <param name="x">[batch, in, height, width]</param>
    public Tensor Apply(Tensor x)
    {
        var size = x.shape;
        // The layout also depends on how many pictures there are: with the wrong one a guided step takes a quarter longer.
        if (!size.AsSpan().SequenceEqual(_packedFor))
        {
            Pack(size);
        }
        return TorchAbi.Convolve(x, _packed!, _bias, _stride, _padding);
    }

    void Pack(long[] inputSize)
    {
        using var scope = NewDisposeScope();
        NativeAllocator.GiveBackLargeBlocks();
        // Two copies of every weight are a gigabyte and a half for Stable Diffusion 1.5, and three of the widest a third of one.
        if (_packed is not null)
        {
            _weight.set_(_packed.to_dense());
            _packed.Dispose();
        }
        (_packed, _packedFor) = (TorchAbi.PackConvolution(_weight, _stride, _padding, inputSize).DetachFromDisposeScope(), inputSize);
        _weight.set_(empty(0));
        NativeAllocator.KeepLargeBlocks();
    }

    public void Dispose() => _packed?.Dispose();
}
