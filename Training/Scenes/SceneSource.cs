using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Training.Scenes;

/// <summary>Scenes as tensors.</summary>
public sealed class SceneSource(SceneSampler sampler, Composer composer)
{
    // Scenes that are looked at and measured while training runs; of another seed than any step.
    const int Checked = 240;
    const int CheckSeed = -1;

    /// <summary>Draws them.</summary>
    public SceneSampler Sampler => sampler;

    /// <summary>The same for every call.</summary>
    public IReadOnlyList<Scene> ToCheck()
    {
        var random = new Random(CheckSeed);
        return [.. Enumerable.Range(0, Checked).Select(_ => sampler.Draw(random))];
    }

    /// <summary>[scenes, 3, height, width] in [−1, 1].</summary>
    public Tensor Paint(IReadOnlyList<Scene> scenes, Random? shade = null)
    {
        var pixels = new float[scenes.Count * composer.Length];
        for (var i = 0; i < scenes.Count; i++)
            composer.Paint(scenes[i], pixels.AsSpan(i * composer.Length, composer.Length), shade);
        return tensor(pixels, [scenes.Count, 3, composer.Size, composer.Size]);
    }
}
