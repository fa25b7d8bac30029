using System.Text;
using System.Text.Json.Nodes;

namespace SdAspire.Generation.Tests;

public sealed class GenerationTaskTests
{
    private static readonly string[] ContractFields =
    [
        "contractVersion", "id", "createdAt", "client", "model", "prompt", "negativePrompt", "count", "seed", "steps",
        "guidanceScale", "scheduler", "width", "height", "input",
    ];

    [Fact]
    public void The_message_has_the_contracts_fields_in_its_order()
    {
        var json = JsonNode.Parse(Samples.Task().ToUtf8Json())!.AsObject();

        json.Select(field => field.Key).ShouldBe(ContractFields);
        json["contractVersion"]!.GetValue<int>().ShouldBe(1);
        json["createdAt"]!.GetValue<string>().ShouldBe("2026-02-03T02:05:06.789Z");
        json["negativePrompt"].ShouldBeNull();
        json["input"].ShouldBeNull();
    }

    [Fact]
    public void A_message_that_was_written_is_read_as_it_was()
    {
        var task = Samples.Task(t => t with { NegativePrompt = "blue \"sky\" ☁", Count = 3, Seed = Seeds.Max - 2, Group = t.Id });

        GenerationTask.Parse(task.ToUtf8Json()).ShouldBe(task);
    }

    [Fact]
    public void The_contracts_own_example_is_read()
    {
        var task = GenerationTask.Parse(
            """
            {"contractVersion": 1, "id": "01J8ZQ4X7V9T3N2M5K6H8G1F0E", "createdAt": "2026-01-01T00:00:00Z", "client": "web", "model": "small",
             "prompt": "frog", "negativePrompt": null, "count": 1, "seed": 0, "steps": 20, "guidanceScale": 7.5,
             "scheduler": "ddim", "width": 64, "height": 64, "input": null}
            """u8);

        task.Prompt.ShouldBe("frog");
        task.CreatedAt.ShouldBe(DateTimeOffset.UnixEpoch.AddYears(56));
    }

    [Theory]
    [InlineData("", "no valid task")]
    [InlineData("not json", "no valid task")]
    [InlineData("null", "contractVersion")]
    [InlineData("[]", "no valid task")]
    [InlineData("{}", "contractVersion")]
    [InlineData("""{"contractVersion": 2, "anything": true}""", "contractVersion 2")]
    [InlineData("""{"contractVersion": "1"}""", "contractVersion")]
    [InlineData("""{"contractVersion": 1}""", "id")]
    public void What_is_no_message_is_refused_with_a_reason(string body, string reason) =>
        Should.Throw<MalformedTaskException>(() => GenerationTask.Parse(Encoding.UTF8.GetBytes(body))).Message.ShouldContain(reason);

    [Theory]
    [InlineData("prompt", null, "prompt")]
    [InlineData("steps", "\"20\"", "steps")]
    [InlineData("steps", "20.5", "steps")]
    [InlineData("width", "99999999999999", "width")]
    [InlineData("seed", "null", "seed")]
    [InlineData("createdAt", "\"yesterday\"", "8601")]
    [InlineData("id", "\"../../etc/passwd\"", "id")]
    [InlineData("id", "\"\"", "id")]
    [InlineData("surprise", "1", "surprise")]
    [InlineData("model", null, "model")]
    public void One_wrong_field_is_refused_by_its_name(string field, string? value, string reason)
    {
        var json = JsonNode.Parse(Samples.Task().ToUtf8Json())!.AsObject();
        if (value is null)
            json.Remove(field);
        else
            json[field] = JsonNode.Parse(value);

        Should.Throw<MalformedTaskException>(() => GenerationTask.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())))
            .Message.ShouldContain(reason);
    }

    [Fact]
    public void An_event_without_a_preview_does_not_mention_it()
    {
        var news = new GenerationEvent
        {
            Id = TaskId.New(TimeProvider.System), Type = GenerationEventType.Cancelled, At = DateTimeOffset.UnixEpoch,
        };

        var json = JsonNode.Parse(news.ToUtf8Json())!.AsObject();
        json["type"]!.GetValue<string>().ShouldBe("cancelled");
        json.ContainsKey("preview").ShouldBeFalse();
        JsonNode.Parse((news with { Preview = "iVBORw==" }).ToUtf8Json())!["preview"]!.GetValue<string>().ShouldBe("iVBORw==");
    }

    [Fact]
    public void A_field_that_comes_twice_is_refused()
    {
        var body = Encoding.UTF8.GetString(Samples.Task().ToUtf8Json()).Replace("{", "{\"steps\":1,", StringComparison.Ordinal);

        Should.Throw<MalformedTaskException>(() => GenerationTask.Parse(Encoding.UTF8.GetBytes(body))).Message.ShouldContain("steps");
    }
}
