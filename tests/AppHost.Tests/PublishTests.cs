using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests;

/// <summary>Publishing the application, as <c>aspire publish</c> does it.</summary>
public sealed class PublishTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "AppHost.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_chart_is_written_and_nothing_of_this_machine_is_in_it()
    {
        var (exitCode, output) = await PublishAsync();

        exitCode.ShouldBe(0, output);
        var files = Directory.EnumerateFiles(_folder["chart"], "*", SearchOption.AllDirectories).ToList();
        foreach (var file in files)
        {
            var text = await File.ReadAllTextAsync(file);
            text.ShouldNotContain(Repository.Root, customMessage: file);
            text.ShouldNotContain(_folder[""], customMessage: file);
        }
        var worker = await File.ReadAllTextAsync(_folder["chart/templates/worker/scaledjob.yaml"]);
        worker.ShouldNotContain("Scaler__");
        Directory.Exists(_folder["chart/templates/scaler"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Gpu:Mode is 'half': it must be none, exclusive or shared.", "--Gpu:Mode", "half")]
    [InlineData("maxReplicaCount is 2, less than minReplicaCount, which is 5.",
        "--Scaler:minReplicaCount", "5", "--Scaler:maxReplicaCount", "2")]
    [InlineData("strategy is 'lazy': it must be default, custom, accurate or eager.", "--Scaler:ScalingStrategy:Strategy", "lazy")]
    [InlineData("There is no pipeline step 'wash'.", "--step", "wash")]
    public async Task What_is_wrong_is_named_and_nothing_is_written(string expected, params string[] arguments)
    {
        var (exitCode, output) = await PublishAsync(arguments);

        exitCode.ShouldNotBe(0);
        output.ShouldContain(expected, Case.Insensitive);
        Directory.EnumerateFileSystemEntries(_folder[""]).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_output_path_that_cannot_be_written_is_named()
    {
        await File.WriteAllTextAsync(_folder["chart"], "a file");

        var (exitCode, output) = await PublishAsync();

        exitCode.ShouldNotBe(0);
        output.ShouldContain(_folder["chart"]);
        (await File.ReadAllTextAsync(_folder["chart"])).ShouldBe("a file");
    }

    private async Task<(int ExitCode, string Output)> PublishAsync(params string[] arguments)
    {
        string[] step = arguments.Contains("--step") ? [] : ["--step", "publish"];
        var (exitCode, output, errors) = await Command.Run(
            "dotnet", [Program, "--operation", "publish", .. step, "--output-path", _folder["chart"], .. arguments]);
        return (exitCode, string.Join('\n', output.Concat(errors)));
    }
}
