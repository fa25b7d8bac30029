using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>Normal noise as PyTorch's CPU generator draws it, whatever device computes: a seed names one picture everywhere.</summary>
public static class SeededNoise
{
    /// <summary>torch.Generator("cpu").manual_seed(seed).</summary>
    /// <param name="seed">0 … 2^53 − 1.</param>
    public static Generator From(long seed) => new((ulong)seed, CPU);

    /// <summary>torch.randn(shape, generator=generator), float32 on the CPU; the caller owns it.</summary>
    public static Tensor Draw(long[] shape, Generator? generator) => randn(shape, ScalarType.Float32, CPU, generator: generator);
}
