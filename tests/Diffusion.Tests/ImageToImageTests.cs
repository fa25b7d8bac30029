namespace SdAspire.Diffusion.Tests;

/// <summary>Pictures over pictures. Against the reference: the golden runs of these kinds.</summary>
public class ImageToImageTests
{
    static readonly string Model = Fixtures.At("models", "tiny-sd15");

    public static TheoryData<string> Names() => [.. SchedulerNames.Known];

    [Theory, MemberData(nameof(Names))]
    public void Every_scheduler_can_begin_on_the_way(string scheduler)
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var image = pipeline.Generate(Request());
        var steps = new List<StepProgress>();

        var over = pipeline.Generate([Request() with { Image = image, Strength = 0.5, Scheduler = scheduler }], new Reports(steps.Add))[0];

        (over.Width, over.Height).ShouldBe((image.Width, image.Height));
        over.Pixels.ShouldNotBe(image.Pixels);
        // Half of eight, each visited once, or twice but for the last; with a doubled one of PNDM's that is left out here.
        steps.Count.ShouldBeOneOf(4, 5, 7);
        steps[^1].Step.ShouldBe(steps[^1].Of);
    }

    [Fact]
    public void What_the_mask_keeps_stays_in_the_latents()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var image = pipeline.Generate(Request());
        var black = image with { Pixels = new byte[image.Pixels.Length] };

        // Nothing may be painted: whatever the prompt and the steps, the picture's own latents are decoded.
        var one = pipeline.Generate(Request() with { Image = image, Mask = black, Strength = 0.5 });
        var other = pipeline.Generate(Request() with { Image = image, Mask = black, Strength = 1, Prompt = "frog" });

        other.Pixels.ShouldBe(one.Pixels);
    }

    [Fact]
    public void What_cannot_be_is_named()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var image = new RgbImage(32, 32, new byte[32 * 32 * 3]);

        Refuses(Request() with { Mask = image }, "a mask needs an image");
        Refuses(Request() with { Image = image }, "the image is 32 × 32, the request 64 × 32");
        var fitting = new RgbImage(64, 32, new byte[64 * 32 * 3]);
        Refuses(Request() with { Image = fitting, Mask = image }, "the mask is 32 × 32");
        Refuses(Request() with { Image = fitting, Strength = 0 }, "strength 0 must be above 0");
        Refuses(Request() with { Image = fitting, Strength = 1.5 }, "strength 1.5");
        Refuses(Request() with { Image = fitting, Strength = 0.1 }, "leave at least one of 8 steps");
        Refuses(Request() with { ClipSkip = 5 }, "clip skip 5 must be from 0 to 4");
        Refuses(Request() with { GuidanceRescale = -1 }, "guidance rescale -1");

        void Refuses(TextToImageRequest request, string fault) =>
            Should.Throw<ArgumentException>(() => pipeline.Generate(request)).Message.ShouldContain(fault);
    }

    [Fact]
    public void A_picture_comes_back_from_its_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            var pixels = Enumerable.Range(0, 5 * 3 * 3).Select(n => (byte)(n * 5)).ToArray();
            File.WriteAllBytes(path, new RgbImage(5, 3, pixels).ToPng());
            var read = RgbImage.FromFile(path);
            (read.Width, read.Height).ShouldBe((5, 3));
            read.Pixels.ShouldBe(pixels);

            File.WriteAllText(path, "no picture");
            Should.Throw<ModelException>(() => RgbImage.FromFile(path)).Message.ShouldContain("no picture that can be decoded");
        }
        finally
        {
            File.Delete(path);
        }
    }

    static TextToImageRequest Request() => new()
    {
        Prompt = "red heart", Steps = 8, GuidanceScale = 3, Seed = 7, Width = 64, Height = 32,
    };
}
