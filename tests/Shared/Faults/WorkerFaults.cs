namespace SdAspire.Tests.Shared.Faults;

/// <summary>kill -9 of a worker, at each place of its work, told from what it says and from what the bucket holds.</summary>
internal static class WorkerFaults
{
    // Between two kills, so that work goes on and the launcher's pauses stay short.
    private const int Spared = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task TakingAsync(FaultRun run) => KillAsync(
        run, WorkerLine.Connected, upTo: TimeSpan.FromMilliseconds(40),
        said => Task.FromResult(!said.Any(line => line.Says(WorkerLine.Painting))));

    public static Task LoadingAsync(FaultRun run) => KillAsync(
        run, WorkerLine.Painting, upTo: TimeSpan.FromMilliseconds(60),
        said => Task.FromResult(!said.Any(line => line.Says(WorkerLine.Loaded))));

    public static Task PaintingAsync(FaultRun run) => KillAsync(
        run, WorkerLine.Loaded, upTo: TimeSpan.FromMilliseconds(150),
        async said =>
        {
            using var bucket = new BucketView(run.App.StorageConnection);
            var id = said.Last(line => line.Says(WorkerLine.Painting)).Id;
            return await bucket.GetAsync($"{id}.json") is null && !said.Any(line => line.Says(WorkerLine.Painted));
        });

    /// <summary>With half of a picture sent.</summary>
    public static Task UploadingAsync(FaultRun run) => KillHeldAsync(
        run, run.Proxy.HoldUpload, async (bucket, id) => await bucket.GetAsync($"{id}.json") is null);

    /// <summary>With its record stored, and its message not acknowledged.</summary>
    public static Task AcknowledgingAsync(FaultRun run) => KillHeldAsync(
        run, run.Proxy.HoldAnswer, async (bucket, id) => await bucket.GetAsync($"{id}.json") is not null);

    private static async Task KillAsync(
        FaultRun run, string marker, TimeSpan upTo, Func<IReadOnlyList<WorkerLine>, Task<bool>> isRight)
    {
        try
        {
            var seen = 0;
            await foreach (var line in run.App.Workers.FollowAsync(run.Drained))
            {
                if (!line.Says(marker) || seen++ % (Spared + 1) != 0)
                    continue;
                var worker = run.App.FindWorker(line.Worker);
                await Task.Delay(upTo * Random.Shared.NextDouble(), run.Drained);
                if (!FaultRun.Kill(worker))
                    continue;
                await LinuxProcess.AllEnd([worker!]);
                // Its last lines may still be on their way.
                await Task.Delay(TimeSpan.FromMilliseconds(200), run.Drained);
                run.Count(await isRight(run.App.Workers.Of(line.Worker)));
                // A busy machine tells late what a worker said: those that missed their moment do not count as tries.
                if (run.Right == run.Times)
                    return;
            }
        }
        catch (OperationCanceledException) when (run.Drained.IsCancellationRequested)
        {
        }
    }

    private static async Task KillHeldAsync(
        FaultRun run, Func<StorageProxy.Hold> hold, Func<BucketView, string, Task<bool>> isRight)
    {
        await run.UnderWayAsync();
        using var bucket = new BucketView(run.App.StorageConnection);
        for (var n = 0; n < run.Times; n++)
        {
            var held = hold();
            try
            {
                var id = await held.Reached.WaitAsync(run.Drained);
                var name = "";
                await Eventually.TrueAsync(
                    () => (name = run.App.Workers.PainterOf(id)) is not null, Patience,
                    () => $"Nobody said that {id} is painted.");
                var worker = run.App.FindWorker(name);
                var killed = FaultRun.Kill(worker);
                if (worker is not null)
                    await LinuxProcess.AllEnd([worker]);
                run.Count(killed && await isRight(bucket, id));
            }
            catch (OperationCanceledException) when (run.Drained.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                held.Lose();
            }
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }
}
