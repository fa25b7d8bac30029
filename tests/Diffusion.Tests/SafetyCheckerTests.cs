using SdAspire.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>The decision, on a small checker with random weights; the golden set has no safety checker.</summary>
public sealed class SafetyCheckerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Theory]
    // The cosine of a picture with itself is 1.
    [InlineData(0.99, 2, true)]
    [InlineData(1.005, 2, false)]
    // A concept of special care is there: one hundredth less is enough.
    [InlineData(1.005, 0.5, true)]
    [InlineData(1.02, 0.5, false)]
    public void A_concept_counts_from_its_threshold_on(double threshold, double special, bool unwanted)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var checker = SafetyCheckedModel.Checker();
        var image = rand(1, 3, 40, 56);
        SafetyCheckedModel.Knows(checker, checker.Embed(image), threshold, special);
        checker.call(image).ShouldBe([unwanted]);
    }

    [Fact]
    public void Each_picture_of_a_batch_is_judged_alone()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var checker = SafetyCheckedModel.Checker();
        var (one, other) = (rand(1, 3, 28, 28), zeros(1, 3, 28, 28));
        SafetyCheckedModel.Knows(checker, checker.Embed(one), threshold: 0.998, special: 2);
        checker.call(cat([other, one, other])).ShouldBe([false, true, false]);
    }

    [Theory, InlineData(-2, true), InlineData(2, false)]
    public void A_model_that_ships_one_withholds_and_says_so(double threshold, bool withheld)
    {
        var model = Model(threshold);
        using var pipeline = StableDiffusionPipeline.Load(model, DeviceChoice.Cpu);
        var picture = pipeline.Generate(Request);
        picture.IsWithheld.ShouldBe(withheld);
        picture.Pixels.All(p => p == 0).ShouldBe(withheld);
    }

    [Fact]
    public void It_can_be_switched_off()
    {
        using var pipeline = StableDiffusionPipeline.Load(
            Model(threshold: -2), new LoadOptions { Device = DeviceChoice.Cpu, SafetyChecker = false });
        pipeline.Generate(Request).IsWithheld.ShouldBeFalse();
    }

    public void Dispose() => _folder.Dispose();

    static TextToImageRequest Request => new()
    {
        Prompt = "a red heart", Steps = 1, GuidanceScale = 1, Seed = 1, Width = 64, Height = 64,
    };

    string Model(double threshold)
    {
        var model = _folder.Copy(Fixtures.At("models", "tiny-sd15"), "model");
        SafetyCheckedModel.Add(model, threshold);
        return model;
    }
}
