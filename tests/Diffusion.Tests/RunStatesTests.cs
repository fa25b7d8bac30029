using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>What is the same in all steps of a run is computed once.</summary>
public class RunStatesTests
{
    [Fact]
    public void The_text_is_projected_once_for_all_steps()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var attention = new Attention(8, 2, 6, upcast: false).WithInitialValues();
        var (x, states) = (randn(1, 4, 8), randn(1, 5, 6));
        using var text = new TextStates(states);
        var first = attention.call(x, text);
        // What is made of it would change with it, were it made again.
        states.zero_();
        attention.call(x, text).allclose(first).ShouldBeTrue();
        using var empty = new TextStates(states);
        attention.call(x, empty).allclose(first).ShouldBeFalse();
    }

    [Fact]
    public void The_timesteps_are_projected_once_for_all_steps()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var block = new ResnetBlock2D(8, 8, timeEmbedding: 6, groups: 2, eps: 1e-5).WithInitialValues();
        var (x, states) = (randn(2, 8, 4, 4), randn(3, 1, 6));
        using var times = new TimeStates(states);
        var first = block.call(x, times.At(0));
        states.zero_();
        block.call(x, times.At(0)).allclose(first).ShouldBeTrue();
        block.call(x, times.At(1)).allclose(first).ShouldBeFalse();
    }

    public static TheoryData<string> Models() => [.. new[] { "tiny-sd15", "tiny-sdxl", "tiny-lcm" }.Where(m => Fixtures.Has("models", m))];

    [Theory, MemberData(nameof(Models))]
    public void Each_step_of_a_run_is_what_it_is_alone(string model)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var files = ModelFiles.Open(Fixtures.At("models", model));
        using var unet = new UNet2DConditionModel(files.UNet);
        using (var weights = files.OpenUNet())
        {
            WeightLoader.Load(unet, weights);
        }
        var (sample, text) = (randn(2, 4, 8, 8), randn(2, 7, files.UNet.CrossAttentionDim));
        var added = new AddedConditions(
            files.IsXL ? randn(2, files.UNet.ProjectionClassEmbeddingsInputDim!.Value - 6 * files.UNet.AdditionTimeEmbedDim!.Value) : null,
            files.IsXL ? rand(2, 6) * 64 : null,
            files.UNet.TimeCondProjDim is { } width ? randn(2, width) : null);
        float[] timesteps = [981, 500.5f, 1];

        using var times = unet.Times(tensor(timesteps, [3, 1]), added);
        using var states = new TextStates(text);
        for (var step = 0; step < timesteps.Length; step++)
        {
            var expected = unet.call(sample, tensor([timesteps[step]]), text, added);
            (unet.Predict(sample, times.At(step), states) - expected).abs().max().item<float>().ShouldBeLessThan(1e-4f);
        }
    }
}
