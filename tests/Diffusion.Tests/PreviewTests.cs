namespace SdAspire.Diffusion.Tests;

/// <summary>Small pictures of what a run is heading for.</summary>
public class PreviewTests
{
    static readonly string Models = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "models"));
    static readonly string Model = Path.Combine(Models, File.ReadAllText(Path.Combine(Models, "default")).Trim());

    [Theory]
    [InlineData("ddim")]
    [InlineData("euler")]
    public void Of_a_small_picture_the_last_preview_is_the_picture(string scheduler)
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var previews = new List<RgbImage>();

        var picture = pipeline.Generate(Request(scheduler: scheduler), new Reports(step => previews.Add(step.Preview!(0))));

        previews.Count.ShouldBe(8);
        previews.ShouldAllBe(preview => preview.Width == 64 && preview.Height == 64);
        Difference(previews[^1], picture).ShouldBeLessThan(1);
        // Nearer and nearer, and from the first step on nearer than an empty page.
        var distances = previews.Select(preview => Difference(preview, picture)).ToList();
        distances[^1].ShouldBeLessThan(distances[0]);
        distances[0].ShouldBeLessThan(Difference(new(64, 64, [.. Enumerable.Repeat((byte)255, 64 * 64 * 3)]), picture));
    }

    [Fact]
    public void Of_a_larger_picture_it_has_the_colours_in_their_places()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var previews = new List<RgbImage>();

        var picture = pipeline.Generate(Request("frog", width: 96), new Reports(step => previews.Add(step.Preview!(0))));

        // A pixel for each latent.
        previews.ShouldAllBe(preview => preview.Width == 12 && preview.Height == 8);
        var small = Shrink(picture, 8);
        var other = Shrink(pipeline.Generate(Request("rocket", width: 96)), 8);
        Difference(previews[^1], small).ShouldBeLessThan(Difference(previews[^1], other) / 2);
    }

    [Fact]
    public void It_has_at_most_64_pixels_a_side_and_the_shape_of_the_picture()
    {
        using var pipeline = StableDiffusionPipeline.Load(Fixtures.At("models", "tiny-sd15"), DeviceChoice.Cpu);
        RgbImage? preview = null;
        var one = Request(width: 576, height: 288) with { Steps = 1 };

        pipeline.Generate(one, new Reports(step => preview = step.Preview!(0)));

        (preview!.Width, preview.Height).ShouldBe((64, 32));
        preview.Pixels.Length.ShouldBe(64 * 32 * 3);
    }

    [Fact]
    public void Each_picture_of_a_pass_has_its_own()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        RgbImage[] last = [];

        var pictures = pipeline.Generate(
            [Request(), Request("frog")], new Reports(step => last = [step.Preview!(0), step.Preview!(1)]));

        Difference(last[0], pictures[0]).ShouldBeLessThan(1);
        Difference(last[1], pictures[1]).ShouldBeLessThan(1);
    }

    [Fact]
    public void Whoever_looks_gets_the_same_picture()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        foreach (var request in new[] { Request(), Request(width: 96), Request(scheduler: "euler") })
        {
            var unseen = pipeline.Generate(request);
            pipeline.Generate(request, new Reports(step => step.Preview!(0))).Pixels.ShouldBe(unseen.Pixels);
        }
    }

    [Fact]
    public void After_its_step_it_is_refused()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        StepProgress? late = null;
        pipeline.Generate(Request(), new Reports(step => late = step));
        Should.Throw<InvalidOperationException>(() => late!.Preview!(0));
    }

    static TextToImageRequest Request(string prompt = "red heart", int width = 64, int height = 64, string scheduler = "ddim") => new()
    {
        Prompt = prompt, Steps = 8, GuidanceScale = 3, Seed = 7, Width = width, Height = height, Scheduler = scheduler,
    };

    /// <summary>How far two pictures of one size are apart, in 255ths a channel.</summary>
    static double Difference(RgbImage one, RgbImage other) => one.Pixels.Zip(other.Pixels, (a, b) => Math.Abs(a - b)).Average();

    static RgbImage Shrink(RgbImage image, int factor)
    {
        var (width, height) = (image.Width / factor, image.Height / factor);
        var pixels =
            from y in Enumerable.Range(0, height)
            from x in Enumerable.Range(0, width)
            from channel in Enumerable.Range(0, 3)
            select (byte)(
                from dy in Enumerable.Range(0, factor)
                from dx in Enumerable.Range(0, factor)
                select (int)image.Pixels[((((y * factor) + dy) * image.Width) + (x * factor) + dx) * 3 + channel]).Average();
        return new(width, height, [.. pixels]);
    }
}
