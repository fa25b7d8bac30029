using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class BadInputTests(RunningAppHost host)
{
    public static TheoryData<string, string> Refused => new()
    {
        { "prompt", """{"prompt": ""}""" },
        { "prompt", """{"prompt": "   "}""" },
        { "prompt", """{}""" },
        { "prompt", $$"""{"prompt": "{{new string('x', 1001)}}"}""" },
        { "prompt", """{"prompt": "a bell \u0007"}""" },
        { "prompt", """{"prompt": 7}""" },
        { "width", """{"prompt": "a frog", "width": 65}""" },
        { "height", """{"prompt": "a frog", "height": 100000}""" },
        { "width", """{"prompt": "a frog", "width": 0}""" },
        { "steps", """{"prompt": "a frog", "steps": 0}""" },
        { "steps", """{"prompt": "a frog", "steps": 151}""" },
        { "scheduler", """{"prompt": "a frog", "scheduler": "magic"}""" },
        { "count", """{"prompt": "a frog", "count": 0}""" },
        { "seed", """{"prompt": "a frog", "seed": -1}""" },
        { "body", "{\"prompt\": \"a frog\"" },
        { "body", "[1, 2]" },
        { "body", "" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_painted_is_refused_by_its_field_and_nothing_is_queued(string field, string body)
    {
        var before = await Generations();

        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await host.WebUi.PostAsync("/api/generations", content);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        problem["status"]!.GetValue<int>().ShouldBe(400);
        problem["errors"]!.AsObject().Select(error => error.Key).ShouldBe([field]);
        (await Generations()).ShouldBe(before);
        await using var connection = await host.ConnectToBroker();
        await using var channel = await connection.CreateChannelAsync();
        (await channel.QueueDeclarePassiveAsync("tasks")).MessageCount.ShouldBe(0u);
    }

    [Theory]
    [InlineData("this is no JSON")]
    [InlineData("""{"contractVersion": 1, "prompt": "no id"}""")]
    [InlineData("""{"contractVersion": 99, "id": "01JZZZZZZZZZZZZZZZZZZZZZZZ"}""")]
    public async Task A_malformed_message_goes_to_the_dead_letters_with_its_reason_and_the_launcher_goes_on(string body)
    {
        await using var connection = await host.ConnectToBroker();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync(
            "generation", "tasks", mandatory: true, new BasicProperties { Persistent = true, ContentType = "application/json" },
            Encoding.UTF8.GetBytes(body));

        BasicGetResult? dead = null;
        await Eventually.TrueAsync(async () => (dead = await channel.BasicGetAsync("tasks.dead", autoAck: true)) is not null, "it is dead-lettered");

        Encoding.UTF8.GetString(dead!.Body.Span).ShouldBe(body);
        var reason = dead.BasicProperties.Headers.ShouldNotBeNull()["x-reason"].ShouldBeOfType<byte[]>();
        Encoding.UTF8.GetString(reason).ShouldNotBeNullOrWhiteSpace();
        var next = await host.Finished(await host.Paint(new { prompt = "and now a frog", steps = 1 }));
        next["status"]!.GetValue<string>().ShouldBe("done", next.ToJsonString());
    }

    [Fact]
    public async Task What_does_not_exist_is_a_problem_with_404()
    {
        foreach (var path in new[] { "/api/generations/01JZZZZZZZZZZZZZZZZZZZZZZZ", "/api/generations/..%2f..", "/api/images/01JZZZZZZZZZZZZZZZZZZZZZZZ/0.png" })
            (await host.WebUi.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
    }

    private async Task<IReadOnlyList<string>> Generations() =>
        [.. (await host.WebUi.GetFromJsonAsync<JsonNode>("/api/generations?limit=100"))!["items"]!.AsArray().Select(item => $"{item!["id"]}")];
}
