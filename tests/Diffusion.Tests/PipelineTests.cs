using System.Text.Json;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Every run of every model against diffusers' pipeline.</summary>
public class PipelineTests
{
    static readonly string Model = Fixtures.At("models", "tiny-sd15");

    public static IEnumerable<TheoryDataRow<string, string>> Runs() =>
        from folder in Directory.EnumerateDirectories(Fixtures.At("pipelines"))
        let model = Path.GetFileName(folder)
        from run in ReadIndex(model)
        let id = run.GetProperty("id").GetString()!
        where Fixtures.Has("models", model)
            // The repository's tree has some runs of each model, the whole one all.
            && Fixtures.Has("pipelines", model, id + ".safetensors")
        select new TheoryDataRow<string, string>(model, id);

    [Theory, MemberData(nameof(Runs))]
    public void Paints_what_the_reference_paints(string model, string id)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var run = ReadIndex(model).Single(r => r.GetProperty("id").GetString() == id);
        var runs = Fixtures.At("pipelines", model);
        using var golden = new GoldenTensors(Path.Combine(runs, id + ".safetensors"));
        var vae = run.GetProperty("vae").GetString()!;
        using var pipeline = StableDiffusionPipeline.Load(
            Fixtures.At("models", model), new LoadOptions { Device = DeviceChoice.Cpu, Autoencoder = vae == model ? null : Fixtures.At("models", vae) });

        using var noise = new SeededNoise(run.GetProperty("seed_generator").GetInt64());
        var requests = Requests(run, golden, pipeline.PixelsPerLatent);
        var guidance = pipeline.GuidanceOf(requests);
        var conditioning = pipeline.Encode(requests);
        golden.ShouldMatch("prompt_and_negative_embeds", conditioning.Embeddings, 1e-4);
        ShouldMatchAdded(golden, conditioning.Added);

        var clean = golden.Has("input_image") ? pipeline.EncodePicture(golden["input_image"], noise) : null;
        var initial = clean is null ? Initial(run, golden, noise) : noise.Draw(clean.shape);
        var picture = clean is null ? null : pipeline.Start(
            clean, golden["input_image"], golden.Has("mask") ? golden["mask"] : null, run.GetProperty("strength").GetDouble(), noise);
        using var scheduler = NewScheduler(run);
        var steps = new List<Tensor>();
        var latents = pipeline.Denoise(initial, conditioning, scheduler, run.GetProperty("steps").GetInt32(), guidance, noise,
            onLatents: (_, l) => steps.Add(l.clone().MoveToOtherDisposeScope(scope)), picture: picture);

        scheduler.Timesteps.Skip(scheduler.Timesteps.Count - steps.Count).ShouldBe([.. run.GetProperty("unet_timesteps").EnumerateArray().Select(t => t.GetDouble())], 1e-3);
        golden.ShouldMatchRelative("latents_per_step", stack(steps), 1e-4);
        golden.ShouldMatchRelative("final_latents", latents, 1e-4);

        var image = pipeline.Decode(latents);
        if (golden.Has("image"))
        {
            golden.ShouldMatch("image", image, 5e-4);
        }
        for (var i = 0; i < requests.Count; i++)
        {
            var file = requests.Count == 1 ? $"{id}.png" : $"{id}.{i}.png";
            ShouldMatchPng(RgbImage.FromTensor(image[i]), Path.Combine(runs, file));
        }
    }

    /// <summary>What a run asks for, as its caller would.</summary>
    static List<TextToImageRequest> Requests(JsonElement run, GoldenTensors golden, int pixelsPerLatent)
    {
        using var latents = golden["final_latents"];
        var prompts = Texts(run, "prompt");
        return [.. prompts!.Select((prompt, i) => new TextToImageRequest
        {
            Prompt = prompt,
            Prompt2 = Texts(run, "prompt_2")?[i],
            NegativePrompt = Texts(run, "negative_prompt")?[i],
            NegativePrompt2 = Texts(run, "negative_prompt_2")?[i],
            Steps = run.GetProperty("steps").GetInt32(),
            GuidanceScale = run.GetProperty("gs").GetDouble(),
            ClipSkip = run.TryGetProperty("clip_skip", out var skip) ? skip.GetInt32() : 0,
            GuidanceRescale = run.TryGetProperty("guidance_rescale", out var rescale) ? rescale.GetDouble() : 0,
            Seed = 0,
            Width = (int)latents.shape[3] * pixelsPerLatent,
            Height = (int)latents.shape[2] * pixelsPerLatent,
            OriginalSize = Pair(run, "original_size") is [var height, var width] ? new(width, height) : null,
            CropTopLeft = Pair(run, "crops_coords_top_left") is [var top, var left] ? new(left, top) : default,
            TargetSize = Pair(run, "target_size") is [var targetHeight, var targetWidth] ? new(targetWidth, targetHeight) : null,
        })];
    }

    static Tensor Initial(JsonElement run, GoldenTensors golden, SeededNoise noise)
    {
        if (!golden.Has("initial_latents"))
        {
            // A seeded run: the first draw of the one generator.
            using var shape = golden["noise.0"];
            var drawn = noise.Draw(shape.shape);
            golden.ShouldMatch("noise.0", drawn, 1e-6);
            return drawn;
        }
        var initial = golden["initial_latents"];
        using var seeded = new SeededNoise(run.GetProperty("seed_latents").GetInt64());
        golden.ShouldMatch("initial_latents", seeded.Draw(initial.shape), 1e-6);
        return initial;
    }

    static void ShouldMatchAdded(GoldenTensors golden, AddedConditions? added)
    {
        foreach (var (name, actual) in new[]
            { ("text_embeds", added?.TextEmbeds), ("time_ids", added?.TimeIds), ("timestep_cond", added?.TimestepCond) })
        {
            golden.Has("step0." + name).ShouldBe(actual is not null, name);
            if (actual is not null)
            {
                // The sine of an angle of some thousands: float32 has steps of 5e-4 there.
                golden.ShouldMatch("step0." + name, actual, name == "timestep_cond" ? 5e-4 : 1e-4);
            }
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
    public void What_is_cut_from_a_long_prompt_is_said()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var request = new TextToImageRequest
        {
            Prompt = string.Concat(Enumerable.Repeat("a ", 74)) + "cat and a dog", NegativePrompt = "blurry", Steps = 1,
            GuidanceScale = 3, Seed = 1, Width = 32, Height = 32,
        };

        // 74 tokens and "cat", which this small vocabulary has whole or not at all.
        pipeline.Warnings(request).ShouldHaveSingleItem().ShouldEndWith("and a dog");
        pipeline.Warnings(request with { Prompt = "a cat" }).ShouldBeEmpty();
        pipeline.Warnings(request with { NegativePrompt = request.Prompt }).Count.ShouldBe(2);
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

    static List<string>? Texts(JsonElement run, string name) => !run.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(t => t.GetString()!)]
        : [value.GetString()!];

    static int[]? Pair(JsonElement run, string name) =>
        run.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(n => n.GetInt32())] : null;

    static List<JsonElement> ReadIndex(string model)
    {
        using var index = JsonDocument.Parse(ConfigFile.Standard(File.ReadAllText(Fixtures.At("pipelines", model, "index.json"))));
        return [.. index.RootElement.GetProperty("runs").EnumerateArray().Select(r => r.Clone())];
    }
}
