using SdAspire.Diffusion.Schedulers;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Several pictures in one pass are what each is alone. Against the reference: the batches among the golden runs.</summary>
public class BatchTests
{
    // 3e-6 was measured, 3e-5 on a processor without AVX-512: libtorch adds in another order for another batch size.
    const double Tolerance = 1e-4;

    static readonly string Model = Fixtures.At("models", "tiny-sd15");

    [Theory, InlineData("ddim", 7.5), InlineData("ddim", 1), InlineData("euler", 7.5), InlineData("pndm", 7.5)]
    public void Each_picture_of_a_batch_is_the_one_painted_alone(string scheduler, double guidance)
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var requests = Requests(scheduler, guidance);
        var reported = new List<StepProgress>();

        var batch = pipeline.Generate(requests, new Reports(reported.Add));

        batch.Count.ShouldBe(requests.Count);
        foreach (var (picture, request) in batch.Zip(requests))
        {
            var alone = pipeline.Generate(request);
            (picture.Width, picture.Height).ShouldBe((alone.Width, alone.Height));
            picture.Pixels.Zip(alone.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1, request.Prompt);
        }
        batch.DistinctBy(picture => Convert.ToHexString(picture.Pixels)).Count().ShouldBe(batch.Count);
        // A step of the pass is one step, however many pictures take it.
        reported.Select(step => step.Step).ShouldBe(Enumerable.Range(1, reported[0].Of));
    }

    [Theory, InlineData(0), InlineData(0.5)]
    public void Latents_of_a_batch_are_those_of_each_alone_also_where_steps_draw_noise(double eta)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        // As the golden runs have it: clipping an untrained model's latents makes chaos of any rounding.
        var config = ModelFiles.Open(Model).Scheduler with { ClipSample = false };
        var requests = Requests("ddim", 7.5);

        var batch = Denoise(requests);

        for (var i = 0; i < requests.Count; i++)
        {
            var alone = Denoise([requests[i]])[0];
            var difference = (batch[i] - alone).abs().max() / alone.abs().max();
            difference.item<float>().ShouldBeLessThanOrEqualTo((float)Tolerance, requests[i].Prompt);
        }

        Tensor Denoise(IReadOnlyList<TextToImageRequest> together)
        {
            using var noise = new SeededNoise([.. together.Select(r => r.Seed)]);
            using var scheduler = new DdimScheduler(config) { Eta = eta };
            var conditioning = pipeline.Encode(together);
            var guidance = pipeline.GuidanceOf(together);
            return pipeline.Denoise(noise.Draw(together.Count, 4, 8, 4), conditioning, scheduler, 10, guidance, noise);
        }
    }

    public static IEnumerable<TheoryDataRow<string, double>> OtherFamilies() =>
        from model in new[] { "tiny-sd21", "tiny-sdxl", "tiny-lcm" }
        where Fixtures.Has("models", model)
        from guidance in new[] { 5.0, 1.0 }
        select new TheoryDataRow<string, double>(model, guidance);

    [Theory, MemberData(nameof(OtherFamilies))]
    public void So_it_is_with_the_other_families(string model, double guidance)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var pipeline = StableDiffusionPipeline.Load(Fixtures.At("models", model), DeviceChoice.Cpu);
        var config = ModelFiles.Open(Fixtures.At("models", model)).Scheduler with { ClipSample = false };
        var one = Requests("ddim", guidance)[0];
        // No negative prompt, an empty one, and others: SDXL makes a difference between the first two.
        TextToImageRequest[] requests =
        [
            one, one with { NegativePrompt = "" }, one with { NegativePrompt = "blurry!", Prompt2 = "a frog", GuidanceScale = guidance * 0.9 + 0.1 },
            one with { Prompt = "a frog", Seed = 9, OriginalSize = new(256, 192), CropTopLeft = new(4, 8) },
        ];

        var batch = Denoise(requests);

        for (var i = 0; i < requests.Length; i++)
        {
            var alone = Denoise([requests[i]])[0];
            var difference = (batch[i] - alone).abs().max() / alone.abs().max();
            difference.item<float>().ShouldBeLessThanOrEqualTo((float)Tolerance, $"{i}");
        }
        var zeroed = (batch[0] - batch[1]).abs().max().item<float>() > Tolerance;
        zeroed.ShouldBe(model == "tiny-sdxl" && guidance > 1);

        Tensor Denoise(IReadOnlyList<TextToImageRequest> together)
        {
            using var noise = new SeededNoise([.. together.Select(r => r.Seed)]);
            using var scheduler = new DdimScheduler(config);
            var guidances = pipeline.GuidanceOf(together);
            return pipeline.Denoise(noise.Draw(together.Count, 4, 8, 4), pipeline.Encode(together), scheduler, 5, guidances, noise);
        }
    }

    [Fact]
    public void What_does_not_fit_into_one_pass_is_refused()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var one = Requests("ddim", 7.5)[0];
        TextToImageRequest[] others =
            [one with { Steps = 7 }, one with { Width = 64 }, one with { Height = 32 }, one with { Scheduler = "euler" }, one with { GuidanceScale = 1 }];
        foreach (var other in others)
        {
            Should.Throw<ArgumentException>(() => pipeline.Generate([one, other])).Message.ShouldContain("same size, steps and scheduler");
        }
        Should.Throw<ArgumentException>(() => pipeline.Generate([]));
    }

    static List<TextToImageRequest> Requests(string scheduler, double guidance)
    {
        var one = new TextToImageRequest
        {
            Prompt = "red heart", Steps = 6, GuidanceScale = guidance, Seed = 7, Width = 32, Height = 64, Scheduler = scheduler,
        };
        return
        [
            one,
            one with { Seed = 8 },
            one with { Prompt = "a frog on a red bicycle", NegativePrompt = "blurry", GuidanceScale = guidance > 1 ? guidance / 2 : 0 },
            one with { Prompt = "a photo of an astronaut", Seed = 1L << 40 },
            one with { Prompt = "", NegativePrompt = "text" },
        ];
    }
}
