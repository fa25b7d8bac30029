using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>A file of reference tensors, and how near to them a result must be.</summary>
sealed class GoldenTensors(string path) : IDisposable
{
    readonly SafetensorsFile _file = new(path);

    public IEnumerable<string> Names => _file.Entries.Keys;

    public Tensor this[string name] => _file.Read(name);

    public bool Has(string name) => _file.Entries.ContainsKey(name);

    /// <summary>The largest absolute difference is at most the tolerance.</summary>
    public void ShouldMatch(string name, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        var expected = this[name].to(ScalarType.Float64);
        actual.shape.ShouldBe(expected.shape, name);
        var difference = (actual.to(ScalarType.Float64) - expected).abs().max().item<double>();
        difference.ShouldBeLessThanOrEqualTo(tolerance, $"{name}: max abs error");
    }

    /// <summary>The MANIFEST's rule for latents and trajectories: relative to the largest value where that is above 1.</summary>
    public void ShouldMatchRelative(string name, Tensor actual, double tolerance)
    {
        using var expected = this[name];
        using var largest = expected.abs().max();
        ShouldMatch(name, actual, tolerance * Math.Max(1, largest.item<float>()));
    }

    public void Dispose() => _file.Dispose();
}
