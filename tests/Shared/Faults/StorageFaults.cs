namespace SdAspire.Tests.Shared.Faults;

/// <summary>A storage that does not do its part for a while.</summary>
internal static class StorageFaults
{
    private const int Chunk = 1 << 16;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);

    /// <summary>It takes connections and does not answer.</summary>
    public static async Task HangsAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        var storage = run.App.Find(Application.Storage) ?? throw new InvalidOperationException("The storage does not run.");
        LinuxProcess.Send(storage.Id, Signal.Stop);
        try
        {
            await Task.Delay(Outage, CancellationToken.None);
        }
        finally
        {
            LinuxProcess.Send(storage.Id, Signal.Continue);
        }
        run.Count();
    }

    /// <summary>It answers every write with 503.</summary>
    public static async Task RefusesAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        run.Proxy.RefusesWrites = true;
        await Task.Delay(Outage, CancellationToken.None);
        run.Proxy.RefusesWrites = false;
        run.Count(run.Proxy.Refused > 0);
    }

    /// <summary>Its disk is full; right if it said so meanwhile.</summary>
    public static async Task FullAsync(FaultRun run)
    {
        await run.UnderWayAsync();
        var ballast = Path.Combine(run.App.StorageFolder, "ballast");
        var said = run.App.Log.Count;
        Fill(ballast);
        await Task.Delay(Outage, CancellationToken.None);
        // What was freed meanwhile, too.
        Fill(ballast);
        await Task.Delay(Outage / 4, CancellationToken.None);
        File.Delete(ballast);
        run.Count(run.App.Log.Skip(said).Any(line => line.Contains("No space left", StringComparison.Ordinal)
            || line.Contains("failed at writing", StringComparison.Ordinal)));
    }

    private static void Fill(string file)
    {
        using var ballast = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = Chunk; size > 0;)
        {
            try
            {
                ballast.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }
}
