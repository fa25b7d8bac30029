using System.Text.Json.Nodes;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;
using SdAspire.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>
/// Whatever a configuration says and a file holds: either a picture is painted, or one line says what is wrong and where. Nothing
/// else may come of it, no fault of libtorch and no exhausted memory.
/// </summary>
public sealed class BadModelTests : IDisposable
{
    static readonly string[] Values = ["-1", "0", "2147483647", "1e300", "null"];

    const string Tiny = "tiny-sd15";

    static readonly TextToImageRequest Request = new()
    {
        Prompt = "frog", Steps = 1, GuidanceScale = 2, Seed = 1, Width = 32, Height = 32,
    };

    readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string, string, string>> Keys() =>
        from model in new[] { "tiny-sdxl" }
        where Fixtures.Has("models", model)
        from path in Directory.EnumerateFiles(Fixtures.At("models", model), "*.json", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Fixtures.At("models", model), path)
        where Path.GetFileName(file).Contains("config", StringComparison.Ordinal)
        from key in JsonNode.Parse(File.ReadAllText(path))!.AsObject()
        where key.Value is JsonValue or JsonArray or null
        select new TheoryDataRow<string, string, string>(model, file, key.Key);

    [Theory, MemberData(nameof(Keys))]
    public void Any_value_is_painted_with_or_refused(string model, string file, string key)
    {
        var folder = _folder.Copy(Fixtures.At("models", model), "model");
        var config = JsonNode.Parse(File.ReadAllText(_folder["model", file]))!;
        foreach (var value in Values)
        {
            config[key] = JsonNode.Parse(value);
            File.WriteAllText(_folder["model", file], config.ToJsonString());
            Paint(folder)?.ShouldContain(folder, customMessage: $"{key} {value}");
        }
    }

    public static TheoryData<string> Weights() =>
        ["unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors", ""];

    [Theory, MemberData(nameof(Weights))]
    public void Any_tensor_that_is_missing_or_of_another_shape_is_named(string file)
    {
        var model = file == "" ? FormatTests.SingleFile(_folder, "", Tiny) : _folder.Copy(Fixtures.At("models", Tiny), "model");
        var path = Path.Combine(model, file);
        using var scope = NewDisposeScope();
        var whole = Read(path);
        foreach (var (name, tensor) in whole.Where((_, i) => i % 61 == 0))
        {
            foreach (var instead in new[] { null, tensor.flatten(), tensor.unsqueeze(0).expand([2, .. tensor.shape]), empty(0) })
            {
                var weights = new Dictionary<string, Tensor>(whole);
                weights.Remove(name);
                if (instead is not null)
                {
                    weights[name] = instead;
                }
                SafetensorsWriter.Write(path, weights);
                var said = Paint(model);
                // A tensor of one dimension is itself when it is flat; the autoencoder's encoder is not read to paint from noise.
                if (said is not null || !(instead?.shape.SequenceEqual(tensor.shape) ?? false) && !EncodesPictures(name))
                {
                    said.ShouldNotBeNull(name).ShouldContain(path);
                }
            }
        }
    }

    static bool EncodesPictures(string name) => name.Replace("first_stage_model.", "") is var own
        && (own.StartsWith("encoder.", StringComparison.Ordinal) || own.StartsWith("quant_conv.", StringComparison.Ordinal));

    [Fact]
    public void Any_LoRA_of_other_shapes_is_merged_or_refused()
    {
        var lora = Fixtures.At("lora", "tiny-sd15-kohya.safetensors");
        using var scope = NewDisposeScope();
        var whole = Read(lora);
        var path = _folder["odd.safetensors"];
        foreach (var (name, tensor) in whole.Where((_, i) => i % 31 == 0))
        {
            foreach (var instead in new[] { tensor.flatten(), tensor.unsqueeze(0), empty(0), empty(0, 0), tensor * float.NaN, zeros(2, 3) })
            {
                SafetensorsWriter.Write(path, new Dictionary<string, Tensor>(whole) { [name] = instead });
                Paint(Fixtures.At("models", Tiny), new Lora(path))?.ShouldContain(path, customMessage: name);
            }
        }
    }

    /// <returns>What was wrong, in one line; null for a picture.</returns>
    static string? Paint(string model, params Lora[] loras)
    {
        var options = new LoadOptions { Device = DeviceChoice.Cpu, Loras = loras };
        var fault = Record.Exception(() =>
        {
            ModelFiles.Verify(model, options);
            using var pipeline = StableDiffusionPipeline.Load(model, options);
            pipeline.Generate(Request);
        });
        if (fault is not null)
        {
            (fault is ModelException).ShouldBeTrue(fault.ToString());
            fault.Message.ShouldNotContain("\n");
        }
        return fault?.Message;
    }

    static Dictionary<string, Tensor> Read(string path)
    {
        using var file = new SafetensorsFile(path);
        return file.Entries.Keys.ToDictionary(name => name, file.Read);
    }

    public static IEnumerable<TheoryDataRow<string, string>> Schedules() =>
        from scheduler in SchedulerNames.Known
        where !scheduler.EndsWith("Scheduler", StringComparison.Ordinal)
        from spacing in new[] { "leading", "trailing" }
        select new TheoryDataRow<string, string>(scheduler, spacing);

    [Theory, MemberData(nameof(Schedules))]
    public void Any_number_of_steps_is_walked_or_refused(string name, string spacing)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        foreach (var steps in new[] { 1, 2, 3, 51, 1000, 1001 })
        {
            var fault = Record.Exception(() =>
            {
                using var scheduler = Scheduler.Create(name, new SchedulerConfig
                {
                    BetaStart = 0.00085, BetaEnd = 0.012, BetaSchedule = "scaled_linear", StepsOffset = 1, TimestepSpacing = spacing,
                });
                using var noise = new SeededNoise(1);
                scheduler.SetTimesteps(steps);
                var latents = noise.Draw(1, 4, 2, 2) * scheduler.InitNoiseSigma;
                for (var step = scheduler.Begin(steps, 1); step < scheduler.Timesteps.Count; step++)
                {
                    using var stepScope = NewDisposeScope();
                    var prediction = scheduler.ScaleModelInput(latents, step) * 0.5;
                    latents = scheduler.Step(prediction, step, latents, noise).MoveToOuterDisposeScope();
                }
                latents.isfinite().all().item<bool>().ShouldBeTrue($"{steps} steps");
            });
            (fault is null or ModelException).ShouldBeTrue($"{steps} steps: {fault}");
        }
    }

    public void Dispose() => _folder.Dispose();
}
