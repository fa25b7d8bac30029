using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SdAspire.Diffusion;
using SdAspire.Diffusion.Models;
using SdAspire.Tests.Shared;
using static TorchSharp.torch;

namespace SdAspire.Bench.Engine;

/// <summary>
/// What a UNet step, a decoding and an encoding cost, beside what a large matrix product reaches in the same run: at Stable
/// Diffusion 1.5's size, and for the model that ships.
/// </summary>
internal static class EngineBench
{
    // Of one forward pass for one picture, a multiplication and an addition counted as two; sizes in pixels.
    private static readonly Dictionary<int, (double UNet, double Decode)> GigaFlops = new() { [256] = (180.1, 622), [512] = (803, 2515) };
    private const double ClipGigaFlops = 13.3;
    private const int MatmulSide = 2048;

    public static Command Create()
    {
        var calls = new Option<int>("--calls") { Description = "Of each part, after one to warm up.", DefaultValueFactory = _ => 5 };
        calls.Validators.Add(result =>
        {
            if (result.GetValue(calls) < 1) result.AddError("--calls must be at least 1.");
        });
        var sizes = new Option<int[]>("--sizes")
        {
            Description = "Pixels along a side: 256, 512.", DefaultValueFactory = _ => [256, 512], AllowMultipleArgumentsPerToken = true,
        };
        sizes.Validators.Add(result =>
        {
            if (!result.GetValue(sizes)!.All(GigaFlops.ContainsKey)) result.AddError("--sizes takes 256 and 512.");
        });
        var precision = new Option<Precision>("--precision") { Description = "What the UNet computes in." };
        var lowMemory = new Option<bool>("--low-memory") { Description = "Text encoders go once prompts are encoded." };
        var command = new Command("engine", "The engine at Stable Diffusion 1.5's size, and the model that ships.")
        {
            calls, sizes, precision, lowMemory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var checkpoint = await CheckpointAsync(cancellationToken);
            // libtorch's modes belong to a thread: nothing is awaited from here on.
            Report(Measure(
                checkpoint, parsed.GetValue(calls), parsed.GetValue(sizes)!,
                new LoadOptions
                {
                    Device = DeviceChoice.Cpu, Precision = parsed.GetValue(precision), FreesTextEncoders = parsed.GetValue(lowMemory),
                },
                cancellationToken));
            return 0;
        });
        return command;
    }

    private static async Task<string> CheckpointAsync(CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine("artifacts", "bench", "random-sd15.safetensors"));
        if (File.Exists(path))
            return path;
        Console.Error.WriteLine("Writing 2 GB of random weights …");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [typeof(EngineBench).Assembly.Location, EngineWeights.Name, path]))!;
        try
        {
            await writer.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!writer.HasExited) writer.Kill();
        }
        return writer.ExitCode == 0 ? path : throw new InvalidOperationException("The random weights were not written.");
    }

    private static EngineResult Measure(
        string checkpoint, int calls, int[] sizes, LoadOptions load, CancellationToken cancellationToken)
    {
        using var inference = inference_mode();
        var parts = new List<PartResult>();
        var products = new List<(double Rate, double Cores)> { MatmulRate() };

        Console.Error.WriteLine("Loading …");
        var (wall, cpu) = (Stopwatch.GetTimestamp(), Cpu());
        using var large = StableDiffusionPipeline.Load(checkpoint, load);
        var (loadSeconds, loadCpu, loadPeak) = (Stopwatch.GetElapsedTime(wall).TotalSeconds, (Cpu() - cpu).TotalSeconds, PeakMemory.Gigabytes());

        var request = new TextToImageRequest
        {
            Prompt = "an astronaut on a horse", Steps = 1, GuidanceScale = 1, Seed = 1, Width = 256, Height = 256,
        };
        parts.Add(Part("SD 1.5: text encoding", calls, ClipGigaFlops, () => large.Encode([request]).Embeddings));
        large.FreeTextEncoders();
        PeakMemory.Reset();
        var peaks = new List<double>();
        foreach (var size in sizes.Order())
        {
            foreach (var guided in new[] { false, true })
            {
                parts.Add(UNet($"SD 1.5: UNet step, {size} × {size}, guidance {(guided ? "7.5" : "1")}", large, request, size / 8, guided,
                    GigaFlops[size].UNet));
            }
            peaks.Add(PeakMemory.Gigabytes());
            using var latents = randn(1, 4, size / 8, size / 8);
            parts.Add(Part($"SD 1.5: VAE decode, {size} × {size}", calls, GigaFlops[size].Decode, () => large.Decode(latents)));
        }
        var peak = PeakMemory.Gigabytes();

        var shipped = Path.Combine("models", File.ReadAllText(Path.Combine("models", "default")).Trim());
        using var small = StableDiffusionPipeline.Load(shipped, DeviceChoice.Cpu);
        var side = 64 / small.PixelsPerLatent;
        parts.Add(Part("shipped model: text encoding", calls, null, () => small.Encode([request]).Embeddings));
        parts.Add(UNet("shipped model: UNet step, 64 × 64, guidance 3", small, request, side, guided: true, null));
        using var smallLatents = randn(1, small.UNet.Config.InChannels, side, side);
        parts.Add(Part("shipped model: VAE decode, 64 × 64", calls, null, () => small.Decode(smallLatents)));

        return new EngineResult
        {
            Cores = Environment.ProcessorCount,
            Threads = get_num_threads(),
            Precision = large.Precision.ToString(),
            MatmulGigaFlopsPerSecond = Math.Round(Median(products.Select(p => p.Rate)), 1),
            MatmulCoresBusy = Math.Round(Median(products.Select(p => p.Cores)), 2),
            LoadSeconds = Math.Round(loadSeconds, 1),
            LoadCpuSeconds = Math.Round(loadCpu, 1),
            LoadPeakGigabytes = loadPeak,
            StepPeakGigabytes256 = peaks[0],
            PeakGigabytes = Math.Max(peak, loadPeak),
            Parts = parts,
        };

        PartResult UNet(
            string name, StableDiffusionPipeline pipeline, TextToImageRequest prompt, int latentSide, bool guided, double? gigaFlops)
        {
            using var scope = NewDisposeScope();
            var embeddings = pipeline.Encode([prompt with { GuidanceScale = guided ? 7.5 : 1 }]).Embeddings;
            pipeline.FreeTextEncoders();
            using var text = new TextStates(embeddings.to(pipeline.Precision));
            var batch = embeddings.shape[0];
            var sample = randn(batch, pipeline.UNet.Config.InChannels, latentSide, latentSide).to(pipeline.Precision);
            using var times = pipeline.UNet.Times(tensor(new[] { 500f }, [1, 1]), null);
            return Part(name, calls, gigaFlops * batch, () => pipeline.UNet.Predict(sample, times.At(0), text));
        }

        PartResult Part(string name, int times, double? gigaFlops, Func<Tensor> call)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Console.Error.WriteLine($"{name} …");
            var (first, _) = Once(call);
            var before = MatmulRate();
            var runs = Enumerable.Range(0, times).Select(_ => Once(call)).ToList();
            var after = MatmulRate();
            products.AddRange([before, after]);
            var matmul = (before.Rate + after.Rate) / 2;
            var (seconds, processor) = (Median(runs.Select(r => r.Wall)), Median(runs.Select(r => r.Cpu)));
            return new PartResult
            {
                Part = name,
                Calls = times,
                FirstSeconds = Math.Round(first, 3),
                WallSeconds = Math.Round(seconds, 4),
                CpuSeconds = Math.Round(processor, 4),
                CoresBusy = Math.Round(processor / seconds, 2),
                GigaFlopsPerSecond = gigaFlops is { } flops ? Math.Round(flops / seconds, 1) : null,
                PercentOfMatmul = gigaFlops / seconds / matmul is { } share ? Math.Round(100 * share, 1) : null,
            };
        }
    }

    private static (double Wall, double Cpu) Once(Func<Tensor> call)
    {
        var (wall, cpu) = (Stopwatch.GetTimestamp(), Cpu());
        using var result = call();
        return (Stopwatch.GetElapsedTime(wall).TotalSeconds, (Cpu() - cpu).TotalSeconds);
    }

    private static (double Rate, double Cores) MatmulRate()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(MatmulSide, MatmulSide), randn(MatmulSide, MatmulSide));
        Once(() => mm(a, b));
        var runs = Enumerable.Range(0, 7).Select(_ => Once(() => mm(a, b))).ToList();
        var wall = Median(runs.Select(r => r.Wall));
        return (2 * Math.Pow(MatmulSide, 3) / 1e9 / wall, Median(runs.Select(r => r.Cpu)) / wall);
    }

    private static TimeSpan Cpu() => Environment.CpuUsage.TotalTime;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Report(EngineResult result) => BenchReport.Write(
        "engine", result, EngineJson.Default.EngineResult,
        [
            .. result.Parts.Select(part => (part.Part, Line(part))),
            ($"matrix product, {MatmulSide} × {MatmulSide}",
                $"{Number(result.MatmulGigaFlopsPerSecond)} GFLOP/s, {Number(result.MatmulCoresBusy)} cores"),
            ("SD 1.5: load, fp16 file to fp32", $"{Number(result.LoadSeconds)} s, CPU {Number(result.LoadCpuSeconds)} s"),
            ("SD 1.5: memory, peak while loading", $"{Number(result.LoadPeakGigabytes)} GB"),
            ("SD 1.5: memory, peak while stepping at the first size", $"{Number(result.StepPeakGigabytes256)} GB"),
            ("SD 1.5: memory, peak", $"{Number(result.PeakGigabytes)} GB"),
            ("SD 1.5: the UNet computes in", result.Precision),
            ("threads of cores", $"{result.Threads} of {result.Cores}"),
        ]);

    private static string Line(PartResult part)
    {
        var line = $"{Number(part.WallSeconds)} s, CPU {Number(part.CpuSeconds)} s, {Number(part.CoresBusy)} cores, first {Number(part.FirstSeconds)} s";
        return part.GigaFlopsPerSecond is { } rate
            ? $"{line}, {Number(rate)} GFLOP/s = {Number(part.PercentOfMatmul!.Value)} % of matmul"
            : line;
    }

    private static string Number(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
