using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The official client from npm, in the version and with the checksum of its lock file.</summary>
public sealed class OpenAiClient : IAsyncLifetime
{
    private const string NodeDirectory = "artifacts/npm/openai";

    private static readonly string[] Files = ["package.json", "package-lock.json", "client.js"];

    private readonly string _directory = Path.Combine(Repository.Root, NodeDirectory);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_directory);
        foreach (var file in Files)
            File.Copy(Path.Combine(Repository.Root, "tests", "WebUi.Tests", "npm", file), Path.Combine(_directory, file), overwrite: true);
        await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task<JsonElement> CallAsync(Uri address, string call, object? argument = null, string key = "none")
    {
        string[] arguments = argument is null ? ["client.js", call] : ["client.js", call, JsonSerializer.Serialize(argument)];
        var output = await RunAsync("node", arguments, new() { ["BASE_URL"] = new Uri(address, "v1").ToString(), ["API_KEY"] = key });
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }

    private async Task<string> RunAsync(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _directory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Start(start);
        using var bounded = new CancellationTokenSource(Eventually.Generous);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bounded.Token);
            var error = process.StandardError.ReadToEndAsync(bounded.Token);
            await process.WaitForExitAsync(bounded.Token);
            process.ExitCode.ShouldBe(0, await error + await output);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} is missing: install it with \"apt install nodejs npm\"", e);
        }
    }
}
