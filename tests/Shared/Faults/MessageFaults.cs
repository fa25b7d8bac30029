using System.Text;
using System.Text.Json.Nodes;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Messages that the page would never publish, put among the others.</summary>
internal static class MessageFaults
{
    private const int Megabyte = 1 << 20;
    private const int Copies = 5;

    /// <summary>No JSON, no text, no task.</summary>
    public static async Task PoisonAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        for (var n = 0; n < run.Times; n++)
        {
            await run.Raw.PoisonAsync((n % 4) switch
            {
                0 => Encoding.UTF8.GetBytes($"this is no JSON {n}"),
                1 => [0xFF, 0x00, 0xFE, (byte)n],
                2 => Encoding.UTF8.GetBytes($$"""{"contractVersion": 1, "prompt": "no id {{n}}"}"""),
                _ => Encoding.UTF8.GetBytes($"[{n}]"),
            });
            run.Count();
        }
    }

    /// <summary>A megabyte: of bytes, and of a prompt in a message that is right otherwise.</summary>
    public static async Task LargeAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        for (var n = 0; n < run.Times; n++)
        {
            if (n % 2 == 0)
            {
                var bytes = new byte[Megabyte];
                Random.Shared.NextBytes(bytes);
                await run.Raw.PoisonAsync(bytes);
            }
            else
            {
                var task = await run.Raw.TaskLikeAsync(run.Load.Accepted.Keys.First());
                task["prompt"] = new string('x', Megabyte);
                await PoisonAsync(run, task);
            }
            run.Count();
        }
    }

    public static async Task VersionAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        for (var n = 0; n < run.Times; n++)
        {
            var task = await run.Raw.TaskLikeAsync(run.Load.Accepted.Keys.First());
            task["contractVersion"] = 99 + n;
            await PoisonAsync(run, task);
            run.Count();
        }
    }

    /// <summary>A task several times at once, and one once more that is painted already.</summary>
    public static async Task DuplicateAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        using var bucket = new BucketView(run.App.StorageConnection);
        for (var n = 0; n < run.Times; n++)
        {
            if (n % 2 == 0)
            {
                await run.Raw.RepeatAsync(await run.Raw.TaskLikeAsync(run.Load.Accepted.Keys.First()), Copies);
            }
            else
            {
                string? painted = null;
                await Eventually.TrueAsync(async () =>
                {
                    var keys = await bucket.ListAsync();
                    return (painted = run.Load.Accepted.Keys.FirstOrDefault(id => keys.Contains($"{id}.json"))) is not null;
                }, "a task is painted");
                await run.Raw.RepeatAsync(await run.Raw.TaskLikeAsync(painted!, sameId: true), 1);
            }
            run.Count();
        }
    }

    private static Task PoisonAsync(FaultRun run, JsonObject task) =>
        run.Raw.PoisonAsync(Encoding.UTF8.GetBytes(task.ToJsonString()), task["id"]!.GetValue<string>());
}
