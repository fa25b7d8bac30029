using SdAspire.Diffusion;
using SdAspire.Tests.Shared;
using SdAspire.Worker.Engine;
using TorchSharp;

namespace SdAspire.Worker.Tests;

/// <summary>How many tensors live is counted for the whole process: nothing else may paint meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class PainterTests
{
    [Fact]
    public async Task A_picture_leaves_no_tensor_behind()
    {
        using var painter = new Painter();
        await painter.WarmUpAsync(DeviceChoice.Cpu, threads: 1);
        await painter.LoadAsync(Repository.TinyModel, new LoadOptions { Device = DeviceChoice.Cpu });
        // The first picture packs the weights, which stay so.
        await PaintAsync("ddim", CancellationToken.None);
        // What tests before left to the garbage collector must not go in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var loaded = torch.Tensor.TotalCount;
        foreach (var scheduler in new[] { "ddim", "euler", "pndm" })
            await PaintAsync(scheduler, CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => painter.PaintAsync(
            [Request("ddim")], new InlineProgress(cancelled.Cancel), cancelled.Token));
        // One after it on the same thread: the one before has ended.
        await PaintAsync("ddim", CancellationToken.None);

        torch.Tensor.TotalCount.ShouldBe(loaded);

        Task PaintAsync(string scheduler, CancellationToken cancellationToken) => painter.PaintAsync(
            [Request(scheduler), Request(scheduler) with { Seed = 8 }], null, cancellationToken);
    }

    private static TextToImageRequest Request(string scheduler) => new()
    {
        Prompt = "red heart", Steps = 3, GuidanceScale = 7.5, Seed = 7, Width = 64, Height = 64, Scheduler = scheduler,
    };

    private sealed class InlineProgress(Action report) : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
            value.Preview!(0);
            report();
        }
    }
}
