using System.Text.Json;

namespace SdAspire.WebUi.Tests;

/// <summary>The official client from npm.</summary>
public sealed class OpenAiClient : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await NpmPackages.InstallAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task<JsonElement> CallAsync(Uri address, string call, object? argument = null, string key = "none")
    {
        string[] arguments = argument is null ? ["client.js", call] : ["client.js", call, JsonSerializer.Serialize(argument)];
        var output = await NpmPackages.RunAsync(
            "node", arguments, new() { ["BASE_URL"] = new Uri(address, "v1").ToString(), ["API_KEY"] = key });
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }
}
