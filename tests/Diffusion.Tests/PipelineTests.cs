using System.Text.Json;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Every text-to-image run of tiny-sd15 with a scheduler that this engine has, against diffusers' pipeline.</summary>
public class PipelineTests
{
    static readonly string Model = Fixtures.At("models", "tiny-sd15");
    static readonly string Runs = Fixtures.At("pipelines", "tiny-sd15");

    public static IEnumerable<TheoryDataRow<string>> TextToImageRuns() =>
        from run in ReadIndex()
        where run.GetProperty("kind").GetString() == "txt2img"
            && SchedulerNames.IsKnown(run.GetProperty("scheduler").GetString()!)
            && !run.TryGetProperty("clip_skip", out _)
            && run.GetProperty("vae").GetString() == "tiny-sd15"
        select new TheoryDataRow<string>(run.GetProperty("id").GetString()!);

    [Theory, MemberData(nameof(TextToImageRuns))]
    public void Paints_what_the_reference_paints(string id)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var run = ReadIndex().Single(r => r.GetProperty("id").GetString() == id);
        using var golden = new GoldenTensors(Path.Combine(Runs, id + ".safetensors"));
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var initial = golden["initial_latents"];

        var prompts = Texts(run, "prompt");
        var guidance = pipeline.Guidance([.. prompts.Select(_ => run.GetProperty("gs").GetDouble())]);
        var negatives = run.TryGetProperty("negative_prompt", out _) ? Texts(run, "negative_prompt") : [.. prompts.Select(_ => "")];
        var embeddings = pipeline.EncodePrompts(prompts, guidance is null ? null : negatives);
        golden.ShouldMatch("prompt_and_negative_embeds", embeddings, 1e-4);

        using (var seeded = new SeededNoise(run.GetProperty("seed_latents").GetInt64()))
        {
            golden.ShouldMatch("initial_latents", seeded.Draw(initial.shape), 1e-6);
        }

        using var scheduler = NewScheduler(run);
        using var noise = new SeededNoise(run.GetProperty("seed_generator").GetInt64());
        var steps = new List<Tensor>();
        var latents = pipeline.Denoise(initial, embeddings, scheduler, run.GetProperty("steps").GetInt32(), guidance, noise,
            onLatents: (_, l) => steps.Add(l.clone().MoveToOtherDisposeScope(scope)));

        scheduler.Timesteps.ShouldBe([.. run.GetProperty("unet_timesteps").EnumerateArray().Select(t => t.GetDouble())], 1e-3);
        golden.ShouldMatchRelative("latents_per_step", stack(steps), 1e-4);
        golden.ShouldMatchRelative("final_latents", latents, 1e-4);

        var image = pipeline.Decode(latents);
        if (golden.Has("image"))
        {
            golden.ShouldMatch("image", image, 5e-4);
        }
        for (var i = 0; i < prompts.Count; i++)
        {
            var file = prompts.Count == 1 ? $"{id}.png" : $"{id}.{i}.png";
            ShouldMatchPng(RgbImage.FromTensor(image[i]), Path.Combine(Runs, file));
        }
    }

    [Fact]
    public void The_same_request_gives_the_same_picture_and_another_seed_another()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var request = new TextToImageRequest { Prompt = "red heart", Steps = 2, GuidanceScale = 3, Seed = 7, Width = 64, Height = 32 };

        var first = pipeline.Generate(request);
        var again = pipeline.Generate(request);
        var other = pipeline.Generate(request with { Seed = 8 });

        (first.Width, first.Height).ShouldBe((64, 32));
        again.Pixels.ShouldBe(first.Pixels);
        other.Pixels.ShouldNotBe(first.Pixels);
    }

    [Fact]
    public void Reports_each_step_and_stops_between_two_when_cancelled()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        using var cancellation = new CancellationTokenSource();
        var reported = new List<StepProgress>();
        var progress = new CancelsAfter(2, reported, cancellation);
        var request = new TextToImageRequest { Prompt = "frog", Steps = 5, GuidanceScale = 1, Seed = 1, Width = 32, Height = 32, Scheduler = "euler" };

        Should.Throw<OperationCanceledException>(() => pipeline.Generate(request, progress, cancellation.Token));

        reported.Select(step => (step.Step, step.Of)).ShouldBe([(1, 5), (2, 5)]);
    }

    [Fact]
    public void A_size_that_does_not_divide_is_refused()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var request = new TextToImageRequest { Prompt = "frog", Steps = 1, GuidanceScale = 1, Seed = 1, Width = 36, Height = 32 };
        Should.Throw<ArgumentException>(() => pipeline.Generate(request)).Message.ShouldContain("36");
    }

    sealed class CancelsAfter(int steps, List<StepProgress> reported, CancellationTokenSource cancellation) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            reported.Add(value);
            if (value.Step == steps)
            {
                cancellation.Cancel();
            }
        }
    }

    static void ShouldMatchPng(RgbImage image, string path)
    {
        using var expected = SKBitmap.Decode(path);
        using var actual = SKBitmap.Decode(image.ToPng());
        (actual.Width, actual.Height).ShouldBe((expected.Width, expected.Height));
        foreach (var (a, e) in actual.Pixels.Zip(expected.Pixels))
        {
            Math.Max(Math.Abs(a.Red - e.Red), Math.Max(Math.Abs(a.Green - e.Green), Math.Abs(a.Blue - e.Blue))).ShouldBeLessThanOrEqualTo(1, path);
        }
    }

    static Scheduler NewScheduler(JsonElement run)
    {
        var config = run.GetProperty("scheduler_config").Deserialize(ModelJson.Default.SchedulerConfig)!;
        return run.TryGetProperty("eta", out var eta)
            ? new DdimScheduler(config) { Eta = eta.GetDouble() }
            : Scheduler.Create(run.GetProperty("scheduler").GetString()!, config);
    }

    static List<string> Texts(JsonElement run, string name) => run.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(t => t.GetString()!)]
        : [run.GetProperty(name).GetString()!];

    static List<JsonElement> ReadIndex()
    {
        // Python writes infinities, JSON has none.
        using var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(Runs, "index.json")).Replace("-Infinity", "null"));
        return [.. index.RootElement.GetProperty("runs").EnumerateArray().Select(r => r.Clone())];
    }
}
