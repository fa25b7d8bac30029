using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed partial class PageTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task The_page_asks_for_a_prompt_and_offers_the_models_examples()
    {
        using var answer = await Http.GetAsync("/?prompt=a%20%3Cb%3E%20cat");
        var page = await answer.Content.ReadAsStringAsync();

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        page.ShouldContain("<textarea id=\"prompt\"");
        page.ShouldContain(">a &lt;b&gt; cat</textarea>");
        page.ShouldContain("data-prompt=\"red heart\"");
        page.ShouldContain("data-prompt=\"frog\"");
        page.ShouldContain(WebUiFixture.ModelName);
    }

    [Fact]
    public async Task Pages_answer_HEAD_as_GET_without_a_body()
    {
        var id = await Http.AskForIdAsync("frog");
        foreach (var path in (string[])["/", $"/generations/{id}", "/docs"])
        {
            using var answer = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Words_that_the_model_does_not_know_are_named_beside_some_that_it_does()
    {
        var id = await Http.AskForIdAsync("a frog on a zeppelin");
        await _worker.StoreAsync(await _worker.TakeAsync(), failure: null, "zeppelin", "<xyzzy>");

        var page = await Http.GetStringAsync($"/generations/{id}");

        page.ShouldContain("This model does not know: zeppelin, &lt;xyzzy&gt;.");
        page.ShouldContain("It knows, for example: red heart, frog");
    }

    [Fact]
    public async Task Nothing_runs_that_is_not_the_pages_own()
    {
        using var answer = await Http.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync();

        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldNotContain("unsafe");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        InlineCode().IsMatch(page).ShouldBeFalse();
        OtherOrigin().IsMatch(page).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/app.css", "text/css")]
    [InlineData("/app.js", "text/javascript")]
    [InlineData("/live.js", "text/javascript")]
    [InlineData("/view.js", "text/javascript")]
    [InlineData("/favicon.svg", "image/svg+xml")]
    public async Task The_pages_files_are_served_whatever_the_working_folder_is(string path, string contentType)
    {
        using var answer = await Http.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(contentType);
        (await answer.Content.ReadAsStringAsync()).Length.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task The_form_works_without_JavaScript()
    {
        using var browser = await Browser.OpenAsync(Http.BaseAddress!);

        using var answer = await browser.SendAsync(new() { ["prompt"] = "two\r\nfrogs", ["count"] = "2", ["steps"] = "3", ["seed"] = "" });

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe("/");
        var task = await _worker.TakeAsync();
        (task.Prompt, task.Count, task.Steps, task.Client).ShouldBe(("two frogs", 2, 3, "web"));
        var page = await Http.GetStringAsync("/");
        page.ShouldContain($"id=\"g-{task.Id}\"");
        // No script tells how far it is, and a page that loaded itself would take away what is being typed.
        page.ShouldContain(">Load the page again</a>");
        page.ShouldNotContain("http-equiv=\"refresh\"");

        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await Eventually.TrueAsync(async () => (await Http.GetStringAsync("/")).Contains($"src=\"/api/images/{task.Id}/1.png\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_buttons_of_the_cards_work_without_JavaScript()
    {
        using var browser = await Browser.OpenAsync(Http.BaseAddress!);
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        (await Http.GetStringAsync("/")).ShouldContain($"formaction=\"/generations/{id}/cancel\"");

        using var cancelled = await browser.SendAsync([], $"/generations/{id}/cancel");
        cancelled.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        cancelled.Headers.Location!.OriginalString.ShouldBe("/");
        (await Http.GetJsonAsync($"{Api.Generations}/{id}")).Text("status").ShouldBe("cancelled");
        (await Http.GetStringAsync("/")).ShouldContain($"formaction=\"/generations/{id}/retry\"");

        using var again = await browser.SendAsync([], $"/generations/{id}/cancel");
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await again.Content.ReadAsStringAsync()).ShouldContain("It was cancelled already.");

        // Back to the page that the button was on, and nowhere else.
        using var retried = await browser.SendAsync(new() { ["before"] = id }, $"/generations/{id}/retry");
        retried.Headers.Location!.OriginalString.ShouldBe($"/?before={id}");
        (await _worker.TakeAsync()).ShouldBe(task);
        using var elsewhere = await browser.SendAsync(new() { ["before"] = "//evil.example" }, $"/generations/{id}/cancel");
        elsewhere.Headers.Location!.OriginalString.ShouldBe("/");
        using var unknown = await browser.SendAsync([], "/generations/no-id/retry");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("cancel", false)]
    [InlineData("again", false)]
    [InlineData("retry", true)]
    [InlineData("delete", true)]
    public async Task A_button_of_another_site_does_nothing(string action, bool hasEnded)
    {
        var id = await Http.AskForIdAsync("frog");
        if (hasEnded)
            (await Http.DeleteAsync($"{Api.Generations}/{id}")).Dispose();

        using var answer = await Http.PostAsync($"/generations/{id}/{action}", new FormUrlEncodedContent([]));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var newest = (await Http.GetJsonAsync($"{Api.Generations}?limit=1")).GetProperty("items")[0];
        (newest.Text("id"), newest.Text("status")).ShouldBe((id, hasEnded ? "cancelled" : "queued"));
    }

    [Fact]
    public async Task What_is_not_allowed_any_more_is_not_painted_again()
    {
        var id = await Http.AskForIdAsync("a forbidden frog");
        await using var strict = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["PromptFilter__Words__0"] = "forbidden" });
        await strict.Http.WaitForStatusAsync(id, "queued");
        using var browser = await Browser.OpenAsync(strict.Http.BaseAddress!);

        using var answer = await browser.SendAsync([], $"/generations/{id}/again");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("words that are not allowed here");
    }

    [Theory]
    [InlineData("prompt", "", "The field prompt must not be empty.")]
    [InlineData("steps", "many", "The field steps must be a whole number.")]
    [InlineData("steps", "500", "The field steps must be from 1 to 150.")]
    [InlineData("count", "99", "The field count must be from 1 to 16.")]
    public async Task A_form_that_is_refused_says_why_and_keeps_what_was_typed(string field, string value, string error)
    {
        using var browser = await Browser.OpenAsync(Http.BaseAddress!);

        using var answer = await browser.SendAsync(new() { ["prompt"] = "frog", ["negativePrompt"] = "keep me", [field] = value });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        page.ShouldContain(error);
        page.ShouldContain("keep me");
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task What_is_no_form_is_refused_with_the_reason()
    {
        using var browser = await Browser.OpenAsync(Http.BaseAddress!);

        await RefusedAsync(
            browser.SendAsync(new() { ["prompt"] = new string('x', 70_000) }), HttpStatusCode.RequestEntityTooLarge,
            "more than a form may hold");
        await RefusedAsync(
            browser.SendRawAsync(new StringContent("{}", Encoding.UTF8, "application/json")), HttpStatusCode.UnsupportedMediaType, "not a form");
        var torn = new StringContent("--cut\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nfro");
        torn.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=cut");
        await RefusedAsync(browser.SendRawAsync(torn), HttpStatusCode.BadRequest, "not a form");
        (await _worker.WaitingAsync()).ShouldBe(0u);

        async Task RefusedAsync(Task<HttpResponseMessage> sent, HttpStatusCode status, string why)
        {
            using var answer = await sent;
            var page = await answer.Content.ReadAsStringAsync();
            (answer.StatusCode, page.Contains(why, StringComparison.Ordinal)).ShouldBe((status, true), page);
        }
    }

    [Fact]
    public async Task A_prompt_however_long_is_varied_and_asked_for_again_by_its_id()
    {
        var prompt = new string('画', 1000);
        var id = await Http.AskForIdAsync(prompt);

        var vary = await Http.GetStringAsync($"/?vary={id}&seed=7");
        var again = await Http.GetStringAsync($"/?again={id}");

        WebUtility.HtmlDecode(vary).ShouldContain($">{prompt}</textarea>");
        vary.ShouldContain("name=\"seed\" type=\"number\" inputmode=\"numeric\" min=\"0\"");
        vary.ShouldContain("value=\"7\"");
        WebUtility.HtmlDecode(again).ShouldContain($">{prompt}</textarea>");
        (await Http.GetStringAsync($"/generations/{id}")).ShouldContain($"href=\"/?vary={id}&amp;seed=");
        (await Http.GetStringAsync("/?vary=nothing")).ShouldContain("></textarea>");
    }

    [Fact]
    public async Task A_form_from_another_site_is_refused()
    {
        using var answer = await Http.PostAsync("/", new FormUrlEncodedContent(new Dictionary<string, string> { ["prompt"] = "frog" }));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:1234", HttpStatusCode.OK)]
    [InlineData("webui.localhost", HttpStatusCode.OK)]
    [InlineData("rebound.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost.example", HttpStatusCode.BadRequest)]
    public async Task Over_the_loopback_it_answers_to_names_of_this_machine_only(string host, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Api.Generations) { Headers = { Host = host } };
        using var answer = await Http.SendAsync(request);
        answer.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task A_prompt_is_text_and_never_markup()
    {
        const string Prompt = "<script>alert(1)</script>\" onload=\"x";
        var id = await Http.AskForIdAsync(Prompt);

        var page = await Http.GetStringAsync("/");

        page.ShouldNotContain("<script>alert");
        page.ShouldNotContain("\" onload=\"x");
        (await CardsAsync(null, 1))[id].ShouldNotContain("<script>");
    }

    [Fact]
    public async Task A_generations_stream_tells_the_present_state_first_and_ends_with_it()
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        using var bounded = new CancellationTokenSource(Eventually.Generous);
        var told = new List<string>();

        await foreach (var item in ReadAsync($"{Api.Generations}/{id}/events", bounded.Token))
        {
            var state = JsonDocument.Parse(item.Data).RootElement;
            item.EventType.ShouldBe(new[] { "queued", "started", "step", "done" }[told.Count]);
            state.Text("id").ShouldBe(id);
            told.Add(state.Text("status"));
            switch (told.Count)
            {
                case 1:
                    await _worker.TellAsync(task, GenerationEventType.Started);
                    break;
                case 2:
                    await _worker.TellAsync(task, GenerationEventType.Step, step: 5);
                    break;
                case 3:
                    state.GetProperty("progress").GetProperty("step").GetInt32().ShouldBe(5);
                    await _worker.StoreAsync(task);
                    await _worker.TellAsync(task, GenerationEventType.Done);
                    break;
            }
        }

        told.ShouldBe(["queued", "running", "running", "done"]);
        // Who comes later gets the end at once.
        var later = new List<string>();
        await foreach (var item in ReadAsync($"{Api.Generations}/{id}/events", bounded.Token))
            later.Add(JsonDocument.Parse(item.Data).RootElement.Text("status"));
        later.ShouldBe(["done"]);
    }

    [Fact]
    public async Task The_gallerys_stream_sends_cards_then_progress_then_the_picture()
    {
        var since = Since().Match(await Http.GetStringAsync("/")).Groups[1].Value;
        using var bounded = new CancellationTokenSource(Eventually.Generous);
        await using var stream = ReadAsync($"/gallery/events?since={since}", bounded.Token).GetAsyncEnumerator();
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();

        (await NextAsync("card")).Text("html").ShouldContain("data-status=\"queued\"");
        await _worker.TellAsync(task, GenerationEventType.Started);
        (await NextAsync("card")).Text("html").ShouldContain("data-status=\"running\"");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 1);
        (await NextAsync("card")).Text("html").ShouldContain("step 1 of 12");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 2, preview: WorkerRole.Png);
        var progress = await NextAsync("progress");
        progress.Text("preview").ShouldStartWith($"{Api.Generations}/{id}/preview.png?v=");
        (progress.Text("text"), progress.GetProperty("value").GetInt32()).ShouldBe(("step 2 of 12", 2));
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        (await NextAsync("card")).Text("html").ShouldContain($"src=\"/api/images/{id}/0.png\"");

        async Task<JsonElement> NextAsync(string type)
        {
            while (await stream.MoveNextAsync())
            {
                if (stream.Current.EventType is "ping" or "notices" or "house")
                    continue;
                stream.Current.EventType.ShouldBe(type, stream.Current.Data);
                var news = JsonDocument.Parse(stream.Current.Data).RootElement;
                news.Text("id").ShouldBe(id);
                return news;
            }
            throw new InvalidOperationException("The stream ended.");
        }
    }

    [Fact]
    public async Task Who_reconnects_is_told_what_was_missed_and_who_knows_nothing_gets_the_present_state()
    {
        var before = await Http.AskForIdAsync("before");
        var since = Since().Match(await Http.GetStringAsync("/")).Groups[1].Value;
        var missed = await Http.AskForIdAsync("missed");

        (await CardsAsync(since, 1)).Keys.ShouldBe([missed]);
        (await CardsAsync("another-process", 2)).Keys.ShouldContain(before);
        (await CardsAsync(null, 2)).Keys.ShouldContain(missed);
    }

    [Fact]
    public async Task It_stops_at_once_even_while_somebody_watches()
    {
        await using var other = await webUi.StartAnotherAsync();
        using var stream = await other.Http.GetStreamAsync("/gallery/events");

        (await other.StopAsync()).ShouldBe(0);
        other.Output.ShouldNotContain(line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal));
    }

    /// <summary>The cards that the gallery's stream sends to begin with.</summary>
    private async Task<Dictionary<string, string>> CardsAsync(string? since, int atLeast)
    {
        using var bounded = new CancellationTokenSource(Eventually.Generous);
        var cards = new Dictionary<string, string>();
        await foreach (var item in ReadAsync($"/gallery/events?since={since}", bounded.Token))
        {
            if (item.EventType == "card")
            {
                var news = JsonDocument.Parse(item.Data).RootElement;
                cards[news.Text("id")] = news.Text("html");
            }
            else if (item.EventType == "ping" && cards.Count >= atLeast)
            {
                break;
            }
        }
        return cards;
    }

    private async IAsyncEnumerable<SseItem<string>> ReadAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            yield return item;
    }

    [GeneratedRegex("data-since=\"([^\"]+)\"")]
    private static partial Regex Since();

    // As attributes of a tag: what a hostile prompt of another test says stands on the page as text, or quoted.
    [GeneratedRegex("<script(?![^>]* src=)|<style|<[a-z]+(\\s+[a-z-]+(=\"[^\"]*\")?)*\\s+(on[a-z]+|style)\\s*=|(src|href|action)=\"javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();

    [GeneratedRegex("(src|href|action)=\"(https?:)?//", RegexOptions.IgnoreCase)]
    private static partial Regex OtherOrigin();

    /// <summary>As much of a browser as a form needs: cookies and the hidden field.</summary>
    private sealed partial class Browser : IDisposable
    {
        private readonly HttpClient _http;
        private readonly string _name;
        private readonly string _token;

        private Browser(HttpClient http, string name, string token) => (_http, _name, _token) = (http, name, token);

        public static async Task<Browser> OpenAsync(Uri address)
        {
            var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
            var field = HiddenField().Match(await http.GetStringAsync("/"));
            field.Success.ShouldBeTrue();
            return new Browser(http, field.Groups[1].Value, field.Groups[2].Value);
        }

        public Task<HttpResponseMessage> SendAsync(Dictionary<string, string> fields, string path = "/")
        {
            fields[_name] = _token;
            return _http.PostAsync(path, new FormUrlEncodedContent(fields));
        }

        /// <summary>With the token in a header.</summary>
        public Task<HttpResponseMessage> SendRawAsync(HttpContent content)
        {
            content.Headers.Add("RequestVerificationToken", _token);
            return _http.PostAsync("/", content);
        }

        public void Dispose() => _http.Dispose();

        [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"")]
        private static partial Regex HiddenField();
    }
}
