using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>WebUi's API, as any client sees it.</summary>
internal static class Api
{
    public static async Task<JsonNode> Queue(HttpClient webUi, object request)
    {
        using var response = await webUi.PostAsJsonAsync("/api/generations", request);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, body);
        var generation = JsonNode.Parse(body)!;
        response.Headers.Location!.ToString().ShouldEndWith($"/api/generations/{generation["id"]}");
        return generation;
    }

    /// <summary>Waits until the generation has ended, well or not.</summary>
    public static async Task<JsonNode> Finished(HttpClient webUi, string id)
    {
        JsonNode? now = null;
        await Eventually.TrueAsync(
            async () =>
            {
                now = await webUi.GetFromJsonAsync<JsonNode>($"/api/generations/{id}");
                return now!["status"]!.GetValue<string>() is "done" or "failed";
            },
            explain: () => $"It is not painted: {now}");
        return now!;
    }
}
