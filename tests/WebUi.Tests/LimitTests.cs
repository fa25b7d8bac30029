using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using SdAspire.Tests.Shared;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Tests;

public sealed class PromptFilterTests
{
    [Theory]
    [InlineData("a bad picture")]
    [InlineData("BAD")]
    [InlineData("b\u00e0d")]
    [InlineData("ba\u0301d")]
    [InlineData("\u1e03a\u0323\u0301\u1e13")]
    [InlineData("\uff42\uff41\uff44")]
    [InlineData("b\u200ba\u00add")]
    [InlineData("b\u0430d")]
    [InlineData("\U0001D41B\U0001D41A\U0001D41D")]
    [InlineData("so,bad!")]
    [InlineData("a Very-Ugly  thing")]
    [InlineData("very\u00a0ugly")]
    public void A_word_or_phrase_of_the_list_is_found_however_it_is_written(string prompt) =>
        Filter("bad", "very ugly").Fault(prompt).ShouldNotBeNull();

    [Theory]
    [InlineData("Scunthorpe")]
    [InlineData("a badger in Baden")]
    [InlineData("very, but not ugly")]
    [InlineData("b a d")]
    [InlineData("")]
    public void A_word_that_contains_one_is_none(string prompt) =>
        Filter("bad", "very ugly", "cunt").Fault(prompt).ShouldBeNull();

    [Fact]
    public void A_list_in_another_alphabet_is_found_too()
    {
        Filter("плохо").Fault("очень ПЛОХО").ShouldNotBeNull();
        Filter("悪い").Fault("悪い 絵").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("が", "か\u3099", "か")]
    [InlineData("각", "\u1100\u1161\u11a8", "가")]
    [InlineData("क\u093c\u093f", "\u0958\u093f", "क\u0940")]
    public void A_letter_is_the_same_in_one_piece_or_in_several_and_sounds_are_no_accents(string word, string same, string other)
    {
        Filter(word).Fault($"a {same}").ShouldNotBeNull();
        Filter(same).Fault($"a {word}").ShouldNotBeNull();
        Filter(word).Fault($"a {other}").ShouldBeNull();
    }

    private static PromptFilter Filter(params string[] words)
    {
        var options = new PromptFilterOptions();
        foreach (var word in words)
            options.Words.Add(word);
        return new PromptFilter(Options.Create(options));
    }
}

[Collection(HouseCollection.Name)]
public sealed class LimitTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Too_many_requests_are_refused_and_probes_and_reading_are_not()
    {
        await using var limited = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["Limits__ChangesPerMinute"] = "2" });
        await limited.Http.AskForIdAsync("frog");
        await limited.Http.AskForIdAsync("frog");

        using var third = await limited.Http.AskAsync("frog");

        await third.ShouldBeProblemAsync(429);
        third.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        using var list = await limited.Http.GetAsync(Api.Generations);
        list.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var alive = await limited.Http.GetAsync("/alive");
        alive.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _worker.WaitingAsync()).ShouldBe(2u);
    }

    [Fact]
    public async Task A_client_has_only_so_many_prompts_waiting()
    {
        await using var limited = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["Limits__WaitingPrompts"] = "2" });
        var first = await limited.Http.AskForIdAsync("frog");
        await limited.Http.AskForIdAsync("frog");

        using var third = await limited.Http.AskAsync("frog");
        await third.ShouldBeProblemAsync(429);
        third.Headers.RetryAfter.ShouldNotBeNull();

        (await limited.Http.DeleteAsync($"{Api.Generations}/{first}")).Dispose();
        using var two = await limited.Http.PostAsync(Api.Generations, new StringContent(
            """{"prompt":"frog","count":2,"parallel":true}""", Encoding.UTF8, "application/json"));
        await two.ShouldBeProblemAsync(429);
        await limited.Http.AskForIdAsync("frog");
        (await _worker.WaitingAsync()).ShouldBe(3u);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_ended_and_a_stream_is_not()
    {
        await using var hasty = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["Limits__RequestSeconds"] = "1" });
        await using var events = await EventReader.OpenAsync(hasty.Http, "/api/events");

        (await SlowlyAsync("/api/generations")).ShouldContain("The request took too long.");

        var id = await hasty.Http.AskForIdAsync("frog");
        (await events.NextAsync(id)).Name.ShouldBe("queued");

        // A body of which the rest never comes.
        async Task<string> SlowlyAsync(string path)
        {
            var address = hasty.Http.BaseAddress!;
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"));
            using var reader = new StreamReader(stream);
            var line = (await reader.ReadLineAsync()).ShouldNotBeNull();
            line.ShouldContain("504");
            return await reader.ReadToEndAsync();
        }
    }

    [Fact]
    public async Task Words_of_the_list_are_refused_by_every_way_in()
    {
        await using var strict = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["PromptFilter__Words__0"] = "ugly" });
        using var api = await strict.Http.AskAsync("an \uff35\uff27\uff2c\uff39 frog");
        await api.ShouldBeProblemAsync(400, "prompt");
        using var openAi = await strict.Http.PostAsync("/v1/images/generations",
            new StringContent("""{"prompt":"an ugly frog"}""", Encoding.UTF8, "application/json"));
        (await openAi.JsonAsync()).GetProperty("error").Text("code").ShouldBe("content_policy_violation");
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }
}
