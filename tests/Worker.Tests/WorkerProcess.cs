using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>Starts the real worker.</summary>
internal static class WorkerProcess
{
    private static readonly string Program = typeof(WorkerOptions).Assembly.Location;

    public static ChildProcess StartJob(House house, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = house.Messaging,
            ["ConnectionStrings__storage"] = house.Storage,
            ["Worker__Model"] = Repository.TinyModel,
            ["Worker__Name"] = "worker-tests",
            ["Worker__Threads"] = "1",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return ChildProcess.Start("dotnet", [Program], environment);
    }

    public static async Task<(int Code, IReadOnlyList<string> Output)> RunJobAsync(House house, params (string Name, string Value)[] settings)
    {
        await using var worker = StartJob(house, settings);
        return (await worker.WaitForExitAsync(Eventually.Generous), worker.Output);
    }

    public static async Task<(int Code, IReadOnlyList<string> Output)> GenerateAsync(params string[] arguments)
    {
        await using var worker = ChildProcess.Start(
            "dotnet", [Program, "generate", .. arguments], new Dictionary<string, string> { ["Worker__Threads"] = "1" });
        return (await worker.WaitForExitAsync(Eventually.Generous), worker.Output);
    }

    public static GenerationTask Task(int count = 1, int steps = 3, int side = 64) => new()
    {
        Id = TaskId.New(TimeProvider.System),
        // To the millisecond, as JSON keeps it.
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()),
        Client = "tests",
        Model = Path.GetFileName(Repository.TinyModel),
        Prompt = "red heart",
        Count = count,
        Seed = 7,
        Steps = steps,
        GuidanceScale = 7.5,
        Scheduler = "ddim",
        Width = side,
        Height = side,
    };
}
