using System.Net;
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
        await limited.Http.AskForIdAsync("frog");
    }

    [Fact]
    public async Task Words_of_the_list_are_refused_by_every_way_in()
    {
        await using var strict = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["PromptFilter__Words__0"] = "ugly" });
        using var api = await strict.Http.AskAsync("an \uff35\uff27\uff2c\uff39 frog");
        await api.ShouldBeProblemAsync(400, "prompt");
        using var openAi = await strict.Http.PostAsync("/v1/images/generations",
            new StringContent("""{"prompt":"an ugly frog"}""", System.Text.Encoding.UTF8, "application/json"));
        (await openAi.JsonAsync()).GetProperty("error").Text("code").ShouldBe("content_policy_violation");
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }
}
