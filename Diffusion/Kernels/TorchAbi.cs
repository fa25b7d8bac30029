using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Kernels;

/// <summary>
/// What TorchSharp does not expose, by libtorch's own stable C interface (torch/csrc/inductor/aoti_torch/c/shim.h), whose tensor
/// handles are TorchSharp's.
/// </summary>
static unsafe partial class TorchAbi
{
    const string Library = "torch_cpu";

    /// <summary>Whether this build of libtorch has oneDNN's convolutions, and the processor those of a type.</summary>
    public static bool CanPackConvolutions(ScalarType type) => type switch
    {
        ScalarType.Float32 => HasPackedConvolutions,
        ScalarType.BFloat16 => HasPackedConvolutions && PacksBFloat16.Value,
        _ => false,
    };

    static bool HasPackedConvolutions { get; } =
        NativeLibrary.TryLoad(Library, typeof(TorchAbi).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "aoti_torch_cpu_mkldnn__convolution_pointwise", out _)
        && NativeLibrary.TryGetExport(library, "aoti_torch_call_dispatcher", out _);

    static Lazy<bool> PacksBFloat16 { get; } = new(() =>
    {
        ulong supported = 0;
        Check(aoti_torch_call_dispatcher("mkldnn::_is_mkldnn_bf16_supported", "", &supported));
        return (supported & 1) != 0;
    });

    /// <param name="weight">[out, in, height, width]</param>
    /// <param name="inputSize">Of what it will be applied to: without it the layout is a guess that each call corrects.</param>
    /// <returns>The weight in a layout that only <see cref="Convolve"/> reads.</returns>
    public static Tensor PackConvolution(Tensor weight, long stride, long padding, ReadOnlySpan<long> inputSize)
    {
        // The dispatcher takes what is on the stack, also the block of memory that holds the optional's value.
        var optional = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *optional = List(inputSize);
        var stack = stackalloc ulong[] { Share(weight), List([padding, padding]), List([stride, stride]), List([1, 1]), 1, (ulong)optional };
        Check(aoti_torch_call_dispatcher("mkldnn::_reorder_convolution_weight", "", stack));
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    /// <param name="x">[batch, in, height, width]</param>
    /// <param name="packed">From <see cref="PackConvolution"/>.</param>
    public static Tensor Convolve(Tensor x, Tensor packed, Tensor? bias, long stride, long padding)
    {
        var paddings = stackalloc long[] { padding, padding };
        var strides = stackalloc long[] { stride, stride };
        var dilations = stackalloc long[] { 1, 1 };
        var biasHandle = bias?.Handle ?? 0;
        Check(aoti_torch_cpu_mkldnn__convolution_pointwise(
            x.Handle, packed.Handle, bias is null ? null : &biasHandle, paddings, 2, strides, 2, dilations, 2, 1, "none", null, 0, null,
            out var result));
        GC.KeepAlive(x);
        GC.KeepAlive(packed);
        GC.KeepAlive(bias);
        return Tensor.UnsafeCreateTensor(result);
    }

    static ulong Share(Tensor tensor)
    {
        Check(aoti_torch_new_tensor_handle(tensor.Handle, out var handle));
        GC.KeepAlive(tensor);
        return (ulong)handle;
    }

    static ulong List(ReadOnlySpan<long> values)
    {
        Check(torch_new_list_reserve_size((nuint)values.Length, out var list));
        foreach (var value in values)
        {
            Check(torch_list_push_back(list, (ulong)value));
        }
        return (ulong)list;
    }

    static void Check(int error)
    {
        if (error != 0)
        {
            throw new ExternalException("libtorch refused a call; it said why on the standard error", error);
        }
    }

    [LibraryImport(Library)]
    private static partial int aoti_torch_new_tensor_handle(nint tensor, out nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int aoti_torch_call_dispatcher(string operation, string overload, ulong* stack);

    [LibraryImport(Library)]
    private static partial int torch_new_list_reserve_size(nuint size, out nint list);

    [LibraryImport(Library)]
    private static partial int torch_list_push_back(nint list, ulong value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int aoti_torch_cpu_mkldnn__convolution_pointwise(
        nint x, nint weight, nint* bias, long* padding, long paddingLength, long* stride, long strideLength, long* dilation,
        long dilationLength, long groups, string attribute, double** scalars, long scalarsLength, byte** algorithm, out nint result);
}
