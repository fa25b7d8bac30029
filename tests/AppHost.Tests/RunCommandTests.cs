using System.Text.Json.Nodes;
using SdAspire.AppHost.Tests.EndToEnd;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests;

/// <summary>The command as a user types it.</summary>
public sealed class RunCommandTests : IDisposable
{
    // Without it the build leaves servers behind for the next build, which are no part of what is tested.
    private static readonly Dictionary<string, string?> Environment = new() { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_prompt_is_painted_into_a_file_whose_path_is_the_only_output()
    {
        var file = _folder["a heart.png"];

        var (exitCode, output, errors) = await Run("--prompt", "red heart", "--out", file, "--seed", "7", "--steps", "2");

        exitCode.ShouldBe(0, string.Join('\n', errors));
        output.ShouldBe([file]);
        Png.Decode(await File.ReadAllBytesAsync(file)).Width.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Several_pictures_are_numbered()
    {
        var (exitCode, output, errors) = await Run("--prompt", "red heart", "--out", _folder["heart.png"], "--count", "2", "--steps", "1");

        exitCode.ShouldBe(0, string.Join('\n', errors));
        output.ShouldBe([_folder["heart-0.png"], _folder["heart-1.png"]]);
        foreach (var file in output)
            Png.Decode(await File.ReadAllBytesAsync(file)).Height.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_prompt_that_is_refused_gives_the_reason_and_no_file()
    {
        var file = _folder["heart.png"];

        var (exitCode, output, errors) = await Run("--prompt", "red heart", "--out", file, "--steps", "151");

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain(line => line.Contains("steps", StringComparison.OrdinalIgnoreCase));
        File.Exists(file).ShouldBeFalse();
    }

    [Theory]
    [InlineData((int)Signal.Terminate)]
    [InlineData((int)Signal.Interrupt)]
    [InlineData((int)Signal.Kill)]
    public async Task Nothing_of_it_is_left_after(int signal)
    {
        await using var run = Start();
        await IsUp(run);
        var processes = run.Tree();
        processes.Count.ShouldBeGreaterThanOrEqualTo(8, "AppHost, page, launcher, storage, broker and what belongs to it");

        run.Send((Signal)signal);

        var exitCode = await run.Ended();
        await LinuxProcess.AllEnd(processes);
        if (signal != (int)Signal.Kill)
            exitCode.ShouldBe(0, string.Join('\n', run.Errors));
    }

    [Fact]
    public async Task A_second_one_on_the_same_data_folder_says_so()
    {
        await using var first = Start();
        await IsUp(first);

        var (exitCode, output, errors) = await Run();

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain(line => line.Contains(_folder["data"], StringComparison.Ordinal) && line.Contains("in use", StringComparison.Ordinal));
        first.Send(Signal.Terminate);
        (await first.Ended()).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_painted_is_there_after_a_restart_and_so_is_what_was_queued()
    {
        // Killed at once, so that most of it is still queued.
        JsonNode[] queued;
        await using (var first = Start())
        {
            using var client = new HttpClient { BaseAddress = new Uri(await IsUp(first)) };
            queued = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Api.Queue(client, new { prompt = $"picture {n}", steps = 2 })));
            var processes = first.Tree();
            first.Send(Signal.Kill);
            await LinuxProcess.AllEnd(processes);
        }

        await using var second = Start();
        using var again = new HttpClient { BaseAddress = new Uri(await IsUp(second)) };
        foreach (var generation in queued)
            (await Api.Finished(again, $"{generation["id"]}"))["status"]!.GetValue<string>().ShouldBe("done");
        second.Send(Signal.Terminate);
        (await second.Ended()).ShouldBe(0);
    }

    private string[] Arguments => RunningAppHost.Arguments(_folder["data"]);

    private static string Script => Path.Combine(Repository.Root, "run");

    private Command Start() => Command.Start(Script, Arguments, Environment);

    private Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> Run(params string[] arguments) =>
        Command.Run(Script, [.. Arguments, .. arguments], Environment);

    private static async Task<string> IsUp(Command run) =>
        (await run.Line(line => line.StartsWith("WebUi http://", StringComparison.Ordinal), "the page is there"))["WebUi ".Length..];
}
