using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Bench.Launch;

/// <summary>
/// From a message to a worker: how fast the launcher starts one, how busy it keeps its slots, and what that costs. All times are
/// this machine's clock, read by whoever did the thing: the launcher says when a process was started, a worker when it took its
/// message and when its first step was done.
/// </summary>
internal static class LaunchBench
{
    // As the KEDA sample has it.
    private const int SamplePollingInterval = 5;
    private const int PollingInterval = 2;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WorkerPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PublishPatience = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var messages = Count("--messages", "One after another, woken.", 200);
        var polled = Count("--polled", "One after another, polled.", 60);
        var prompts = Count("--prompts", "That wait together.", 500);
        var steps = Count("--steps", "Of each picture; without it the model's default.", 0);
        var slots = Count("--slots", "maxReplicaCount.", Math.Max(1, Environment.ProcessorCount / 2));
        var worker = new Option<string?>("--worker")
        {
            Description = "The worker's program; without it one is published as the image has it, compiled ahead of time.",
        };
        var command = new Command("launch", "From a message to a worker's first step.")
        {
            messages, polled, prompts, steps, slots, worker,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(messages), parsed.GetValue(polled), parsed.GetValue(prompts), parsed.GetValue(steps),
            parsed.GetValue(slots), parsed.GetValue(worker), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        int messages, int polls, int prompts, int steps, int slots, string? worker, CancellationToken cancellationToken)
    {
        worker = worker is null ? await PublishAsync() : Path.GetFullPath(worker);
        var models = Path.Combine(Repository.Root, "models");
        var model = Path.Combine(models, File.ReadAllText(Path.Combine(models, "default")).Trim());
        var profile = ModelProfile.FromDirectory(model);
        if (steps > 0)
            profile = profile with { DefaultSteps = steps };
        var settings = new LaunchSettings(worker, model, slots, Math.Max(1, Environment.ProcessorCount / slots), PollingInterval, false);

        LatencyResult woken, polled;
        LoadResult single, lingering;
        double idle;
        await using (var house = await LaunchHouse.StartAsync(settings))
        {
            woken = await LatencyAsync(house, profile, messages, PollingInterval, wakes: true, cancellationToken);
            idle = await IdleAsync(house, cancellationToken);
        }
        await using (var house = await LaunchHouse.StartAsync(settings with { PollingInterval = SamplePollingInterval }))
            polled = await LatencyAsync(house, profile, polls, SamplePollingInterval, wakes: false, cancellationToken);
        await using (var house = await LaunchHouse.StartAsync(settings))
            single = await LoadAsync(house, profile, prompts, slots, cancellationToken);
        await using (var house = await LaunchHouse.StartAsync(settings with { Lingers = true }))
            lingering = await LoadAsync(house, profile, prompts, slots, cancellationToken);

        Report(new LaunchResult
        {
            Cores = Environment.ProcessorCount,
            Slots = slots,
            Steps = profile.DefaultSteps,
            Woken = woken,
            Polled = polled,
            Single = single,
            Lingering = lingering,
            JobProcessorMilliseconds = Math.Round(woken.ProcessorMillisecondsPerJob - lingering.ProcessorMillisecondsPerPicture),
            IdlePercentOfOneCore = idle,
        });
        return 0;
    }

    private static async Task<string> PublishAsync()
    {
        Console.Error.WriteLine("Publishing the worker …");
        var folder = Path.Combine(Repository.Root, "artifacts", "bench", "worker");
        await using var publish = ChildProcess.Start("dotnet",
        [
            "publish", Path.Combine(Repository.Root, "Worker", "Worker.csproj"), "--configuration", "Release",
            "--runtime", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "--output", folder, "--verbosity", "quiet",
            "-p:UseSharedCompilation=false",
        ]);
        return await publish.WaitForExitAsync(PublishPatience) == 0
            ? Path.Combine(folder, "Worker.dll")
            : throw new InvalidOperationException(string.Join(Environment.NewLine, publish.Output));
    }

    private static async Task<LatencyResult> LatencyAsync(
        LaunchHouse house, ModelProfile profile, int messages, int pollingInterval, bool wakes, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"{messages} messages one after another, {(wakes ? "woken" : $"polled every {pollingInterval} s")} …");
        await using var pictures = await PictureFollower.StartAsync(house.Events, cancellationToken);
        // The first one also pays for what is cold: files, code, connections.
        await PaintAsync(house, profile, pictures, wakes, cancellationToken);
        var before = house.ProcessorSeconds.Workers;
        var warm = house.Jobs.Jobs.Count;
        var observed = new List<(DateTimeOffset Published, ObservedPicture Picture)>();
        while (observed.Count < messages)
        {
            observed.Add(await PaintAsync(house, profile, pictures, wakes, cancellationToken));
            await house.Jobs.AllEndedAsync(observed.Count, cancellationToken);
            // At no fixed point of the launcher's interval.
            await Task.Delay(TimeSpan.FromSeconds(Random.Shared.NextDouble() * pollingInterval), cancellationToken);
        }

        var jobs = house.Jobs.Jobs.ToDictionary(job => job.Name);
        return new LatencyResult
        {
            Messages = messages,
            PollingInterval = pollingInterval,
            Spawned = Since(one => jobs[one.Worker!].StartedAt),
            Main = Since(one => jobs[one.Worker!].MainAt),
            Taken = Since(one => jobs[one.Worker!].TakenAt),
            FirstStep = Since(one => one.FirstStepAt),
            Painted = Since(one => one.DoneAt),
            InVain = jobs.Values.Count(job => !job.HasTaken),
            ProcessorMillisecondsPerJob = Math.Round(1000 * (house.ProcessorSeconds.Workers - before) / (jobs.Count - warm), 1),
        };

        Quantiles Since(Func<ObservedPicture, DateTimeOffset?> when) => Quantiles.Of(observed.Select(one =>
            ((when(one.Picture) ?? throw new InvalidOperationException("A worker did not say when.")) - one.Published).TotalMilliseconds));
    }

    private static async Task<(DateTimeOffset Published, ObservedPicture Picture)> PaintAsync(
        LaunchHouse house, ModelProfile profile, PictureFollower pictures, bool wakes, CancellationToken cancellationToken)
    {
        var task = NewTask(profile);
        var done = pictures.DoneAsync(task.Id);
        var published = DateTimeOffset.UtcNow;
        if (wakes)
            await house.Publisher.PublishAsync(task, cancellationToken: cancellationToken);
        else
            await house.Publisher.PublishAgainAsync(task, attempts: 0, cancellationToken: cancellationToken);
        return (published, await done.WaitAsync(WorkerPatience, cancellationToken));
    }

    /// <summary>The launcher's share of a core while nothing happens.</summary>
    private static async Task<double> IdleAsync(LaunchHouse house, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"Nothing for {Idle.TotalSeconds:0} s …");
        var (began, before) = (Stopwatch.GetTimestamp(), house.ProcessorSeconds.Launcher);
        await Task.Delay(Idle, cancellationToken);
        return Math.Round(100 * (house.ProcessorSeconds.Launcher - before) / Stopwatch.GetElapsedTime(began).TotalSeconds, 2);
    }

    private static async Task<LoadResult> LoadAsync(
        LaunchHouse house, ModelProfile profile, int prompts, int slots, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"{prompts} prompts that wait …");
        await using var pictures = await PictureFollower.StartAsync(house.Events, cancellationToken);
        GenerationTask[] tasks = [.. Enumerable.Range(0, prompts).Select(_ => NewTask(profile))];
        var done = tasks.Select(task => pictures.DoneAsync(task.Id)).ToArray();
        var began = DateTimeOffset.UtcNow;
        await Task.WhenAll(tasks.Select(task => house.Publisher.PublishAsync(task, cancellationToken: cancellationToken)));
        var observed = await Task.WhenAll(done).WaitAsync(cancellationToken);
        var elapsed = (observed.Max(one => one.DoneAt)!.Value - began).TotalSeconds;
        await house.Jobs.AllEndedAsync(1, cancellationToken);

        var (held, painting) = (0.0, 0.0);
        foreach (var task in tasks)
        {
            var stored = await house.Storage.GetAsync(ObjectKeys.Record(task.Id), cancellationToken);
            var record = GenerationRecord.Parse(stored!.Content);
            held += record.WorkerSeconds!.Value;
            painting += record.Seconds!.Value;
        }
        return new LoadResult
        {
            Prompts = prompts,
            Jobs = house.Jobs.Jobs.Count,
            Seconds = Math.Round(elapsed, 1),
            HeldPercent = Math.Round(100 * held / (elapsed * slots), 1),
            PaintingPercent = Math.Round(100 * painting / (elapsed * slots), 1),
            InVain = house.Jobs.Jobs.Count(job => !job.HasTaken),
            ProcessorMillisecondsPerPicture = Math.Round(1000 * house.ProcessorSeconds.Workers / prompts, 1),
        };
    }

    private static GenerationTask NewTask(ModelProfile profile) => new()
    {
        Id = TaskId.New(TimeProvider.System),
        CreatedAt = DateTimeOffset.UtcNow,
        Model = profile.Name,
        Prompt = "red heart",
        Seed = Random.Shared.NextInt64(Seeds.Max),
        Steps = profile.DefaultSteps,
        GuidanceScale = profile.DefaultGuidanceScale,
        Scheduler = profile.DefaultScheduler,
        Width = profile.DefaultWidth,
        Height = profile.DefaultHeight,
    };

    private static void Report(LaunchResult result) => BenchReport.Write(
        "launch", result, LaunchJson.Default.LaunchResult,
        [
            ("messages, one after another", $"{Number(result.Woken.Messages)} woken, {Number(result.Polled.Messages)} polled"),
            ("publish → process started: p50 / p99", SideBySide(result, latency => latency.Spawned)),
            ("publish → Main()", SideBySide(result, latency => latency.Main)),
            ("publish → message taken", SideBySide(result, latency => latency.Taken)),
            ("publish → first UNet step", SideBySide(result, latency => latency.FirstStep)),
            ("publish → painted", SideBySide(result, latency => latency.Painted)),
            ("workers started in vain", $"{Number(result.Woken.InVain)} woken, {Number(result.Polled.InVain)} polled"),
            ($"{result.Single.Prompts} prompts waiting: slots holding a message / painting, MaxTasks 1", Use(result.Single)),
            ($"{result.Lingering.Prompts} prompts waiting: slots holding a message / painting, lingering", Use(result.Lingering)),
            ("started in vain under load", $"{Number(result.Single.InVain)} MaxTasks 1, {Number(result.Lingering.InVain)} lingering"),
            ("processor time of a job beyond a picture's own", $"{Number(result.JobProcessorMilliseconds)} ms"),
            ("launcher idle, of one core", $"{Number(result.IdlePercentOfOneCore)} %"),
            ("cores / slots / steps", $"{result.Cores} / {result.Slots} / {result.Steps}"),
        ]);

    private static string SideBySide(LaunchResult result, Func<LatencyResult, Quantiles> of)
    {
        var (woken, polled) = (of(result.Woken), of(result.Polled));
        return $"{Number(woken.P50)} / {Number(woken.P99)} ms, polled {Number(polled.P50)} / {Number(polled.P99)} ms";
    }

    private static string Use(LoadResult load) => $"{Number(load.HeldPercent)} % / {Number(load.PaintingPercent)} %";

    private static Option<int> Count(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) < Math.Min(usual, 1)) result.AddError($"{name} must be at least {Math.Min(usual, 1)}.");
        });
        return option;
    }

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
