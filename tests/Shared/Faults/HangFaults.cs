using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Workers that do not come to an end, and one whose model is gone.</summary>
internal static class HangFaults
{
    public const string DeadlineSeconds = "15";
    public const string PictureSeconds = "4";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    /// <summary>A worker is stopped in the middle of its picture; right if the launcher has ended it.</summary>
    public static async Task WorkerAsync(FaultRun run)
    {
        try
        {
            await foreach (var line in run.App.Workers.FollowAsync(run.Drained))
            {
                if (!line.Says(WorkerLine.Loaded) || run.App.FindWorker(line.Worker) is not { } worker)
                    continue;
                LinuxProcess.Send(worker.Id, Signal.Stop);
                try
                {
                    await Eventually.TrueAsync(() => !worker.IsRunning, Patience);
                    run.Count();
                }
                catch (TimeoutException)
                {
                    run.Count(right: false);
                    FaultRun.Kill(worker);
                }
                if (run.Injected == run.Times)
                    return;
            }
        }
        catch (OperationCanceledException) when (run.Drained.IsCancellationRequested)
        {
        }
    }

    /// <summary>Pictures that take longer than a picture may: each is to be a dead letter after its attempts.</summary>
    public static async Task PictureAsync(FaultRun run)
    {
        await run.UnderWayAsync(0.1);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = run.App.WebUi };
        for (var n = 0; n < run.Times; n++)
        {
            var request = new { prompt = $"endless {n}", steps = 150, width = 512, height = 512 };
            using var answer = await http.PostAsJsonAsync("/api/generations", request);
            answer.EnsureSuccessStatusCode();
            var id = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["id"]!.GetValue<string>();
            run.Load.Accepted[id] = request.prompt;
            run.Doomed.Add(id);
            run.Count();
        }
    }

    /// <summary>The model's directory is moved away and back; right if a worker found none.</summary>
    public static async Task ModelAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        var model = run.App.Settings.Model;
        for (var n = 0; n < run.Times; n++)
        {
            var said = run.App.Log.Count;
            Directory.Move(model, model + ".gone");
            try
            {
                await Task.Delay(Away, CancellationToken.None);
            }
            finally
            {
                Directory.Move(model + ".gone", model);
            }
            run.Count(run.App.Log.Skip(said).Any(line => line.Contains("ended with exit code 2", StringComparison.Ordinal)));
            await Task.Delay(Away, CancellationToken.None);
        }
    }
}
