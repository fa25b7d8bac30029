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
        Match("randn_1x4x8x8", Draw(1, 4, 8, 8));
        Match("randn_5_small_path", Draw(5));
        Match("randn_15_small_path", Draw(15));
        Match("randn_17_tail", Draw(17));
        Match("randn_100_tail", Draw(100));

        var large = Draw(1, 4, 64, 64).flatten();
        Match("randn_1x4x64x64_first64", large[..64]);
        Match("randn_1x4x64x64_last64", large[^64..]);

        using var noise = new SeededNoise(seed);
        noise.Draw(1, 4, 8, 8);
        Match("second_randn_1x4x8x8", noise.Draw(1, 4, 8, 8));

        using var sequence = new SeededNoise(seed);
        Match("sequence.randn_3", sequence.Draw(3));
        Match("sequence.then_randn_1x4x4x4", sequence.Draw(1, 4, 4, 4));

        Tensor Draw(params long[] shape)
        {
            using var fresh = new SeededNoise(seed);
            return fresh.Draw(shape);
        }

        void Match(string name, Tensor actual) => golden.ShouldMatch($"seed{seed}.{name}", actual, Tolerance);
    }

    [Fact]
    public void Several_seeds_draw_a_row_each_as_if_each_were_alone()
    {
        using var scope = NewDisposeScope();
        using var noise = new SeededNoise(42, 7);
        var (first, second) = (noise.Draw(2, 4, 8, 8), noise.Draw(2, 4, 8, 8));
        foreach (var (row, seed) in new[] { (0, 42L), (1, 7L) })
        {
            using var alone = new SeededNoise(seed);
            first[row].equal(alone.Draw(1, 4, 8, 8)[0]).all().item<bool>().ShouldBeTrue();
            second[row].equal(alone.Draw(1, 4, 8, 8)[0]).all().item<bool>().ShouldBeTrue();
        }
        Should.Throw<ArgumentException>(() => noise.Draw(3, 4, 8, 8)).Message.ShouldContain("3 rows");
    }
}
