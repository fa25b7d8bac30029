using System.Net.Http.Json;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The HTTP API as a client sees it.</summary>
internal static class Api
{
    public const string Generations = "/api/generations";

    public static Task<HttpResponseMessage> AskAsync(this HttpClient http, string prompt, int count = 1) =>
        http.PostAsJsonAsync(Generations, new { prompt, count });

    public static async Task<string> AskForIdAsync(this HttpClient http, string prompt, int count = 1)
    {
        using var answer = await http.AskAsync(prompt, count);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("id").GetString()!;
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return await answer.JsonAsync();
    }

    public static string Text(this JsonElement json, string property) => json.GetProperty(property).GetString()!;

    public static async Task<JsonElement> WaitForStatusAsync(this HttpClient http, string id, string status)
    {
        JsonElement json = default;
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await http.GetAsync($"{Generations}/{id}");
            json = await answer.JsonAsync();
            // One that is away for a moment, or has not heard of it yet, has a status of another kind.
            return answer.IsSuccessStatusCode && json.Text("status") == status;
        }, explain: () => json.ToString());
        return json;
    }

    /// <summary>Asks until another replica has heard of it: events are not kept for who is not there yet.</summary>
    /// <returns>The ids of what was asked for.</returns>
    public static async Task<IReadOnlyList<string>> AskUntilHeardAsync(this HttpClient http, HttpClient other)
    {
        var ids = new List<string>();
        await Eventually.TrueAsync(async () =>
        {
            ids.Add(await http.AskForIdAsync("a frog for each replica"));
            using var answer = await other.GetAsync($"{Generations}/{ids[^1]}");
            return answer.IsSuccessStatusCode;
        });
        return ids;
    }

    public static async Task ShouldBeProblemAsync(this HttpResponseMessage answer, int status, string? field = null)
    {
        var body = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, body);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.JsonAsync();
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.Text("title").ShouldNotBeNullOrEmpty();
        if (field is not null)
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe([field], body);
    }
}
