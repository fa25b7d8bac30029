namespace SdAspire.Tests.Shared.Faults;

/// <summary>kill -9 of parts that the AppHost starts again; and the end of everything, then a start on the same data.</summary>
internal static class PartFaults
{
    // Of work between two kills.
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);

    public static Task BrokerAsync(FaultRun run) => KillAsync(run, Application.Broker, async _ =>
    {
        await Eventually.TrueAsync(async () =>
        {
            await using var broker = await BrokerView.TryConnectAsync(run.App.Messaging);
            return broker is not null;
        }, "the broker is back");
        return true;
    });

    public static Task StorageAsync(FaultRun run) => KillAsync(run, Application.Storage, async _ =>
    {
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var bucket = new BucketView(run.App.StorageConnection);
                await bucket.ListAsync();
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the storage is back");
        return true;
    });

    /// <summary>Right if workers ran, all of which ended with it.</summary>
    public static Task LauncherAsync(FaultRun run)
    {
        return KillAsync(run, Application.Launcher, async workers =>
        {
            try
            {
                await Eventually.TrueAsync(() => !workers.Any(worker => worker.IsRunning), EndPatience);
            }
            catch (TimeoutException)
            {
                run.Left.AddRange(workers.Where(worker => worker.IsRunning));
            }
            return workers.Count > 0;
        });
    }

    /// <summary>The moment that it has answered with 202.</summary>
    public static async Task WebUiAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        for (var n = 0; n < run.Times; n++)
        {
            var process = run.App.Find(Application.WebUiProgram);
            var killed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            void KillOnce(string _)
            {
                if (process is not null && FaultRun.Kill(process))
                    killed.TrySetResult(true);
            }
            run.Load.OnAccepted += KillOnce;
            try
            {
                await killed.Task.WaitAsync(run.Drained);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                run.Load.OnAccepted -= KillOnce;
            }
            run.Count();
            await run.App.AnotherAsync(Application.WebUiProgram, process!);
            await Task.Delay(Between, CancellationToken.None);
        }
    }

    public static Task EverythingAsync(FaultRun run) => StartAgainAsync(run, () => run.App.StopAsync(everything: true));

    public static Task AppHostAsync(FaultRun run) => StartAgainAsync(run, async () =>
    {
        var processes = run.App.Processes();
        FaultRun.Kill(processes[0]);
        await LinuxProcess.AllEnd([processes[0]]);
    });

    private static async Task StartAgainAsync(FaultRun run, Func<Task> end)
    {
        await run.UnderWayAsync(0.5);
        for (var n = 0; n < run.Times; n++)
        {
            var working = (await AnyWorkersAsync(run)).Count > 0;
            await end();
            run.Left.AddRange(await run.App.LeftAsync(EndPatience));
            await run.App.StartAsync();
            run.Count(working);
        }
    }

    private static async Task KillAsync(FaultRun run, string program, Func<IReadOnlyList<LinuxProcess>, Task<bool>> awaitBack)
    {
        await run.UnderWayAsync();
        for (var n = 0; n < run.Times; n++)
        {
            var workers = await AnyWorkersAsync(run);
            var process = run.App.Find(program) ?? throw new InvalidOperationException($"{program} does not run.");
            FaultRun.Kill(process);
            await run.App.AnotherAsync(program, process);
            run.Count(await awaitBack(workers));
            await Task.Delay(Between, CancellationToken.None);
        }
    }

    /// <returns>Those that run; none once everything is painted.</returns>
    private static async Task<IReadOnlyList<LinuxProcess>> AnyWorkersAsync(FaultRun run)
    {
        IReadOnlyList<LinuxProcess> workers = [];
        await Eventually.TrueAsync(
            () => (workers = run.App.FindAll(Application.Worker)).Count > 0 || run.Drained.IsCancellationRequested, "a worker runs");
        return workers;
    }
}
