using System.Text.Json;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>
/// Every case of the schedulers that this engine has, on a closed-form "model" (0.1 × scaled input + sin(0.01 t)) that the reference ran too.
/// </summary>
public class SchedulerTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Cases() =>
        from file in Directory.GetFiles(Fixtures.At("schedulers"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order()
        from @case in Read(file).RootElement.GetProperty("cases").EnumerateArray()
        select new TheoryDataRow<string, string>(file, @case.GetProperty("id").GetString()!);

    [Theory, MemberData(nameof(Cases))]
    public void Walks_the_reference_trajectory(string file, string id)
    {
        using var scope = NewDisposeScope();
        var @case = Read(file).RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);
        using var golden = new GoldenTensors(Fixtures.At("schedulers", file + ".safetensors"));
        using var scheduler = NewScheduler(@case);
        using var noise = new SeededNoise(@case.GetProperty("seed").GetInt64());

        scheduler.SetTimesteps(@case.GetProperty("num_inference_steps").GetInt32());

        scheduler.Timesteps.ShouldBe(Numbers(@case, "timesteps"), 1e-3);
        scheduler.InitNoiseSigma.ShouldBe(@case.GetProperty("init_noise_sigma").GetDouble(), 1e-5 * scheduler.InitNoiseSigma);
        double[] sigmas = @case.TryGetProperty("sigmas", out var given) && given.ValueKind == JsonValueKind.Array ? Numbers(@case, "sigmas") : [];
        scheduler.Sigmas.Count.ShouldBe(sigmas.Length);
        foreach (var (sigma, expected) in scheduler.Sigmas.Zip(sigmas))
        {
            sigma.ShouldBe(expected, 1e-5 * expected);
        }

        var initial = noise.Draw(1, 4, 4, 4);
        golden.ShouldMatch($"{id}/initial", initial, 1e-6);
        var latents = initial * scheduler.InitNoiseSigma;
        var trajectory = new List<Tensor> { latents };
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            var output = 0.1 * scheduler.ScaleModelInput(latents, step) + Math.Sin(0.01 * scheduler.Timesteps[step]);
            latents = scheduler.Step(output, step, latents, noise);
            trajectory.Add(latents);
        }
        golden.ShouldMatchRelative($"{id}/trajectory", stack(trajectory), 1e-4);
    }

    static Scheduler NewScheduler(JsonElement @case)
    {
        var config = @case.GetProperty("config").Deserialize(ModelJson.Default.SchedulerConfig)!;
        var eta = @case.GetProperty("step_args").TryGetProperty("eta", out var value) ? value.GetDouble() : 0;
        return eta > 0 ? new DdimScheduler(config) { Eta = eta } : Scheduler.Create(@case.GetProperty("scheduler").GetString()!, config);
    }

    static double[] Numbers(JsonElement @case, string name) => [.. @case.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];

    static JsonDocument Read(string file) => JsonDocument.Parse(ConfigFile.Standard(File.ReadAllText(Fixtures.At("schedulers", file + ".json"))));
}
