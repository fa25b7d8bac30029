using System.Diagnostics;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Runs the application under load, does the fault, and counts.</summary>
internal static class FaultRunner
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LoadPatience = TimeSpan.FromMinutes(10);

    /// <param name="fault">What goes wrong.</param>
    /// <param name="prompts">How many prompts are sent meanwhile.</param>
    /// <param name="log">A file for what the application wrote; null for none.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public static async Task<FaultResult> RunAsync(
        Fault fault, int prompts, string? log = null, CancellationToken cancellationToken = default)
    {
        var result = new FaultResult { Fault = fault.Name, At = DateTimeOffset.UtcNow };
        if (fault.StorageSize is not null && await LimitedFolder.ProblemAsync() is { } problem)
            return result with { NotPossible = problem };

        var began = Stopwatch.GetTimestamp();
        using var folder = new TemporaryFolder();
        var settings = Settings(fault, folder);
        await using var storage = fault.ThroughProxy ? await OwnStorage.StartAsync(settings) : null;
        if (storage is not null)
        {
            settings = settings with
            {
                Environment = new Dictionary<string, string>(settings.Environment)
                {
                    ["ConnectionStrings__storage"] = storage.ConnectionString,
                },
            };
        }
        await using var app = new Application(settings);
        try
        {
            await app.StartAsync();
            await Task.Delay(fault.Settling, cancellationToken);
            (result, var left) = await DisturbAsync(fault, app, prompts, storage?.Proxy, result, cancellationToken);
            await app.StopAsync();
            if (storage is not null)
                await storage.DisposeAsync();
            left = [.. left, .. await app.LeftAsync(EndPatience)];
            result = result with
            {
                ProcessesLeft = left.Count,
                FoldersLeft = Directory.GetDirectories(settings.Temporary).Length,
                Problems = [.. result.Problems, .. left.Select(process => $"still runs: {process.CommandLine}")],
            };
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or HttpRequestException)
        {
            result = result with { Problems = [.. result.Problems, e.Message.Split('\n')[0]] };
        }
        finally
        {
            if (log is not null)
                await File.WriteAllLinesAsync(log, app.Log, CancellationToken.None);
        }
        return result.Judged() with { Seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1) };
    }

    /// <summary>A fault on an application that runs, up to the counts; and the processes that should have ended.</summary>
    private static async Task<(FaultResult Result, IReadOnlyList<LinuxProcess> Left)> DisturbAsync(
        Fault fault, Application app, int prompts, StorageProxy? proxy, FaultResult result, CancellationToken cancellationToken)
    {
        using var drained = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var load = new Load(app, prompts, fault.Steps);
        var run = new FaultRun(fault, app, load, proxy, drained.Token);
        var audit = new Audit(run);
        var injecting = fault.InjectAsync(run);
        // A page that never comes back must not hold it up for ever.
        await load.RunAsync(cancellationToken).WaitAsync(LoadPatience, cancellationToken);
        if (!injecting.IsCompleted)
        {
            await audit.EndedAsync(cancellationToken);
            await drained.CancelAsync();
        }
        await injecting;
        var ended = await audit.EndedAsync(cancellationToken);
        result = result with
        {
            Times = run.Injected,
            Right = run.Right,
            Problems = ended ? result.Problems : [.. result.Problems, "it did not come to an end"],
        };
        return (await audit.CountAsync(result), run.Left);
    }

    private static ApplicationSettings Settings(Fault fault, TemporaryFolder folder)
    {
        var model = Repository.TinyModel;
        if (fault.OwnModel)
        {
            model = folder[Path.GetFileName(model)];
            CopyFolder(Repository.TinyModel, model);
        }
        return new ApplicationSettings
        {
            Folder = folder.Path,
            Model = model,
            StorageSize = fault.StorageSize,
            Environment = new Dictionary<string, string>(fault.Environment)
            {
                ["Scaler__maxReplicaCount"] = $"{fault.Workers}",
                ["Scaler__Job__Environment__Worker__MaxTasks"] = $"{fault.MaxTasks}",
            },
        };
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
