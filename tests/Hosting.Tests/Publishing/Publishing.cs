namespace SdAspire.Hosting.Tests.Publishing;

/// <summary>Publishes the sample AppHost in a process of its own, as its users do.</summary>
static class Publishing
{
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        await using var process = Start(args);
        var exitCode = await process.WaitForExitAsync(Eventually.Generous);
        return (exitCode, string.Join('\n', process.Output));
    }

    public static ChildProcess Start(params string[] args)
    {
        string[] step = args.Contains("--step") ? [] : ["--step", "publish"];
        return ChildProcess.Start("dotnet", [Repository.Program("ChartAppHost"), "--operation", "publish", .. step, .. args]);
    }
}
