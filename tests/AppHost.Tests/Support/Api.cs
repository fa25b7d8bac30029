using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>WebUi's API, as any client sees it.</summary>
internal static class Api
{
    public static async Task<string> Queue(HttpClient webUi, string prompt)
    {
        using var response = await webUi.PostAsJsonAsync("/api/generations", new { prompt, steps = 2 });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!["id"]!.GetValue<string>();
    }

    /// <summary>Waits until the generation has ended, and says how.</summary>
    public static async Task<string> Finished(HttpClient webUi, string id)
    {
        var status = "";
        await Until.True(
            async () => (status = (await webUi.GetFromJsonAsync<JsonNode>($"/api/generations/{id}"))!["status"]!.GetValue<string>()) is "done" or "failed",
            $"{id} is painted");
        return status;
    }
}
