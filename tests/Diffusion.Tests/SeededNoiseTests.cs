using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>The same seed gives the same numbers as PyTorch's CPU generator.</summary>
public class SeededNoiseTests
{
    const double Tolerance = 1e-6;

    [Theory, InlineData(0), InlineData(42), InlineData(1234)]
    public void Draws_what_PyTorch_draws(long seed)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenTensors(Fixtures.At("rng", "torch_cpu_randn.safetensors"));
        Match("randn_1x4x8x8", Draw([1, 4, 8, 8]));
        Match("randn_5_small_path", Draw([5]));
        Match("randn_15_small_path", Draw([15]));
        Match("randn_17_tail", Draw([17]));
        Match("randn_100_tail", Draw([100]));

        var large = Draw([1, 4, 64, 64]).flatten();
        Match("randn_1x4x64x64_first64", large[..64]);
        Match("randn_1x4x64x64_last64", large[^64..]);

        using var generator = SeededNoise.From(seed);
        SeededNoise.Draw([1, 4, 8, 8], generator);
        Match("second_randn_1x4x8x8", SeededNoise.Draw([1, 4, 8, 8], generator));

        using var sequence = SeededNoise.From(seed);
        Match("sequence.randn_3", SeededNoise.Draw([3], sequence));
        Match("sequence.then_randn_1x4x4x4", SeededNoise.Draw([1, 4, 4, 4], sequence));

        Tensor Draw(long[] shape)
        {
            using var fresh = SeededNoise.From(seed);
            return SeededNoise.Draw(shape, fresh);
        }

        void Match(string name, Tensor actual) => golden.ShouldMatch($"seed{seed}.{name}", actual, Tolerance);
    }
}
