using SdAspire.Chart.Tests.Helm;

namespace SdAspire.Chart.Tests.Charts;

/// <summary>The chart that the application publishes, made once for a class of tests by the built program itself.</summary>
public sealed class PublishedChart : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("published-").FullName;

    /// <summary>What a cluster with KEDA serves.</summary>
    internal static readonly Release Release = new("demo", "pictures")
    {
        ApiVersions = ["keda.sh/v1alpha1", "keda.sh/v1alpha1/ScaledJob", "keda.sh/v1alpha1/ScaledObject"],
    };

    internal HelmChart Chart { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Chart = await HelmChart.LoadAsync(await PublishAsync("AppHost", _folder));

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    internal static async Task<string> PublishAsync(string program, string folder, params string[] args)
    {
        var chart = Path.Combine(folder, "chart");
        await using var process = ChildProcess.Start("dotnet",
            [Repository.Program(program), "--operation", "publish", "--step", "publish", "--output-path", chart, .. args]);
        var exitCode = await process.WaitForExitAsync(Eventually.Generous);
        exitCode.ShouldBe(0, string.Join('\n', process.Output));
        return chart;
    }
}
