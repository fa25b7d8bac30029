using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Alone in the process: what others hold would count.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryCollection;

[Collection(nameof(MemoryTests))]
public class MemoryTests
{
    const long Mebibyte = 1024 * 1024;

    [Fact]
    public void Two_hundred_pictures_leave_the_memory_where_it_was_after_the_tenth()
    {
        using var pipeline = StableDiffusionPipeline.Load(Fixtures.At("models", "tiny-sd15"), DeviceChoice.Cpu);
        Paint(10);
        var (tensors, resident) = (Tensor.TotalCount, Resident());
        Paint(190);
        Tensor.TotalCount.ShouldBe(tensors);
        (Resident() - resident).ShouldBeLessThan(16 * Mebibyte);

        void Paint(int pictures)
        {
            for (var seed = 0; seed < pictures; seed++)
            {
                pipeline.Generate(new TextToImageRequest
                {
                    Prompt = "a red heart", Steps = 2, GuidanceScale = 7.5, Seed = seed, Width = 64, Height = 64, Scheduler = "dpmpp_2m",
                });
            }
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public void Freed_text_encoders_are_read_again_and_paint_the_same()
    {
        using var keeping = Load(frees: false);
        using var freeing = Load(frees: true);
        var request = new TextToImageRequest
        {
            Prompt = "a red heart", Steps = 2, GuidanceScale = 7.5, Seed = 1, Width = 64, Height = 64,
        };
        var first = freeing.Generate(request);
        var without = Tensor.TotalCount;
        freeing.TextEncoders.ShouldNotBeEmpty();
        Tensor.TotalCount.ShouldBeGreaterThan(without);
        first.Pixels.ShouldBe(keeping.Generate(request).Pixels);
        freeing.Generate(request).Pixels.ShouldBe(first.Pixels);

        static StableDiffusionPipeline Load(bool frees) => StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, FreesTextEncoders = frees });
    }

    // proc(5): the second number of statm, in pages.
    static long Resident() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
