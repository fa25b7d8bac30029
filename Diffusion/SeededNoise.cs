using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// Normal noise as PyTorch's CPU generators draw it, whatever device computes: a seed names one picture everywhere, painted alone
/// or among others.
/// </summary>
/// <param name="seeds">torch.Generator("cpu").manual_seed(seed) each; 0 … 2^53 − 1.</param>
public sealed class SeededNoise(params IReadOnlyList<long> seeds) : IDisposable
{
    readonly Generator[] _generators = [.. seeds.Select(seed => new Generator((ulong)seed, CPU))];

    /// <summary>
    /// torch.randn(shape), float32 on the CPU; the caller owns it. One generator draws the whole, of several each draws its own row.
    /// </summary>
    public Tensor Draw(params long[] shape)
    {
        if (_generators is [var only])
        {
            return randn(shape, ScalarType.Float32, CPU, generator: only);
        }
        if (shape[0] != _generators.Length)
        {
            throw new ArgumentException($"{_generators.Length} seeds cannot draw {shape[0]} rows", nameof(shape));
        }
        using var scope = NewDisposeScope();
        var rows = _generators.Select(generator => randn([1, .. shape[1..]], ScalarType.Float32, CPU, generator: generator));
        return cat([.. rows]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var generator in _generators)
        {
            generator.Dispose();
        }
    }
}
