using System.Globalization;
using System.Text.RegularExpressions;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

/// <summary>A launcher whose workers run a shell script, in a folder of its own.</summary>
internal sealed partial class LauncherProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;

    private LauncherProcess(DirectoryInfo folder, ChildProcess process) => (_folder, _process) = (folder, process);

    public static async Task<LauncherProcess> StartAsync(LauncherFixture fixture, string script, params (string Name, string Value)[] settings)
    {
        await fixture.PurgeAsync();
        var launcher = Start(fixture.Broker.ConnectionString, script, settings);
        await launcher.SeesAsync("Watching the queue");
        return launcher;
    }

    public static LauncherProcess Start(string broker, string script, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("sdaspire-launcher-");
        var file = Path.Combine(folder.FullName, "worker");
        File.WriteAllText(file, script + "\n");
        return Start(broker, folder, [("Scaler__Job__Command", "bash"), ("Scaler__Job__Arguments__0", file), .. settings]);
    }

    /// <summary>With the command among the settings.</summary>
    public static LauncherProcess Start(string broker, params (string Name, string Value)[] settings) =>
        Start(broker, Directory.CreateTempSubdirectory("sdaspire-launcher-"), settings);

    private static LauncherProcess Start(string broker, DirectoryInfo folder, (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker,
            ["Logging__LogLevel__SdAspire"] = "Debug",
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["ASPNETCORE_CONTENTROOT"] = folder.FullName,
            ["Scaler__maxReplicaCount"] = "2",
            ["Scaler__pollingInterval"] = "1",
            ["Scaler__Job__Environment__FOLDER"] = folder.FullName,
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return new(folder, ChildProcess.Start("dotnet", [typeof(ScalerOptions).Assembly.Location], environment));
    }

    public string Folder => _folder.FullName;
    public bool HasExited => _process.HasExited;

    /// <summary>The processes of the workers that were started, in order.</summary>
    public IReadOnlyList<int> Workers =>
        [.. _process.Output.Select(line => Started().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    public int Count(string text) => _process.Output.Count(line => line.Contains(text, StringComparison.Ordinal));
    public IReadOnlyList<string> Lines(string text) => [.. _process.Output.Where(line => line.Contains(text, StringComparison.Ordinal))];

    public Task<string> SeesAsync(string text) =>
        _process.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), Eventually.Generous);

    public Task SeesTimesAsync(string text, int times) =>
        Eventually.TrueAsync(() => Count(text) >= times, explain: () => $"Not {times} × '{text}':\n{string.Join('\n', _process.Output)}");

    public Task WorkersAsync(int count) =>
        Eventually.TrueAsync(() => Workers.Count >= count, explain: () => $"Not {count} workers:\n{string.Join('\n', _process.Output)}");

    public async Task<HttpClient> ClientAsync() =>
        new() { BaseAddress = new Uri(Listening().Match(await SeesAsync("Now listening on:")).Groups[1].Value) };

    public async Task<(bool Healthy, string Report)> HealthAsync()
    {
        using var http = await ClientAsync();
        using var answer = await http.GetAsync("/health");
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public long PeakMemoryBytes
    {
        get
        {
            const string Key = "VmHWM:";
            var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(Key, StringComparison.Ordinal));
            return long.Parse(line[Key.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) << 10;
        }
    }

    public Task StopAsync() => _process.StopAsync();
    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync(Eventually.Generous);

    /// <summary>SIGKILL to the launcher alone: what becomes of its workers is the kernel's matter.</summary>
    public void KillAlone()
    {
        using var process = System.Diagnostics.Process.GetProcessById(_process.Id);
        process.Kill(entireProcessTree: false);
    }

    public static bool IsAlive(int process) =>
        File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"started \(process (\d+)\)")]
    private static partial Regex Started();

    [GeneratedRegex(@"Now listening on: (\S+)")]
    private static partial Regex Listening();
}
