using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

public class PrecisionTests
{
    static readonly TextToImageRequest Request = new()
    {
        Prompt = "a red heart", Steps = 4, GuidanceScale = 3, Seed = 7, Width = 64, Height = 64,
    };

    [Theory]
    [InlineData("tiny-sd15")]
    [InlineData("tiny-sd21")]
    [InlineData("tiny-sdxl")]
    public void Bfloat16_paints_the_same_picture_a_little_rounded(string model)
    {
        Assert.SkipUnless(Directory.Exists(Fixtures.At("models", model)), $"{model} is not among the fixtures");
        var exact = Paint(Precision.Float32).Pixels;
        var rounded = Paint(Precision.BFloat16).Pixels;

        rounded.ShouldNotBe(exact);
        exact.Zip(rounded, (a, b) => Math.Abs(a - b)).Average().ShouldBeLessThan(4);

        RgbImage Paint(Precision precision)
        {
            using var pipeline = StableDiffusionPipeline.Load(
                Fixtures.At("models", model), new LoadOptions { Device = DeviceChoice.Cpu, Precision = precision });
            return pipeline.Generate(Request);
        }
    }

    [Fact]
    public void A_small_unet_keeps_single_precision()
    {
        using var pipeline = StableDiffusionPipeline.Load(Fixtures.At("models", "tiny-sd15"), DeviceChoice.Cpu);
        pipeline.Precision.ShouldBe(ScalarType.Float32);
    }

    [Fact]
    public void Half_precision_on_the_cpu_is_refused() =>
        Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, Precision = Precision.Float16 }))
            .Message.ShouldContain("float16");
}
