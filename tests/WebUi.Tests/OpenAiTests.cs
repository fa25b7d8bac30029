using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class OpenAiTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage, OpenAiClient client)
    : IAsyncLifetime, IClassFixture<OpenAiClient>
{
    private const string Images = "/v1/images/generations";

    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task The_official_client_lists_models()
    {
        var models = (await client.CallAsync(Http.BaseAddress!, "models")).GetProperty("answer");
        models.EnumerateArray().ShouldHaveSingleItem().Text("id").ShouldBe(WebUiFixture.ModelName);
        var model = (await client.CallAsync(Http.BaseAddress!, "model", WebUiFixture.ModelName)).GetProperty("answer");
        (model.Text("id"), model.Text("object")).ShouldBe((WebUiFixture.ModelName, "model"));
        var unknown = await client.CallAsync(Http.BaseAddress!, "model", "dall-e-3");
        (unknown.Text("error"), unknown.Text("code")).ShouldBe(("NotFoundError", "model_not_found"));
    }

    [Fact]
    public async Task The_official_client_gets_pictures_in_base64_and_by_address()
    {
        var asked = client.CallAsync(Http.BaseAddress!, "generate", new
        {
            prompt = "frog", model = WebUiFixture.ModelName, n = 2, size = "64x128", response_format = "b64_json", quality = "hd",
            user = "somebody",
        });
        var task = await PaintAsync();
        (task.Count, task.Width, task.Height).ShouldBe((2, 64, 128));
        var answer = (await asked).GetProperty("answer");
        answer.GetProperty("created").GetInt64().ShouldBeGreaterThan(0);
        answer.GetProperty("data").EnumerateArray().Select(image => image.Text("b64_json"))
            .ShouldBe(Enumerable.Repeat(Convert.ToBase64String(WorkerRole.Png), 2));

        asked = client.CallAsync(Http.BaseAddress!, "generate", new { prompt = "frog" });
        await PaintAsync();
        var url = (await asked).GetProperty("answer").GetProperty("data")[0].Text("url");
        (await Http.GetByteArrayAsync(url)).ShouldBe(WorkerRole.Png);
    }

    [Fact]
    public async Task The_official_client_understands_refusals_and_failures()
    {
        var invalid = await client.CallAsync(Http.BaseAddress!, "generate", new { prompt = "frog", n = 17 });
        (invalid.Text("error"), invalid.Text("param")).ShouldBe(("BadRequestError", "n"));
        var size = await client.CallAsync(Http.BaseAddress!, "generate", new { prompt = "frog", size = "63x64" });
        (size.Text("error"), size.Text("param")).ShouldBe(("BadRequestError", "size"));
        (await _worker.WaitingAsync()).ShouldBe(0u);

        var asked = client.CallAsync(Http.BaseAddress!, "generate", new { prompt = "frog" });
        await _worker.BuryAsync(await _worker.TakeAsync(), "The model has no frogs.");
        var failed = await asked;
        (failed.Text("error"), failed.Text("message")).ShouldBe(("InternalServerError", "The model has no frogs."));
        await _worker.PurgeDeadLettersAsync();

        await using var guarded = await webUi.StartAnotherAsync(new Dictionary<string, string>
        {
            ["Access__ApiKey"] = "0123456789abcdef", ["Access__Password"] = "password", ["Limits__ReadsPerMinute"] = "1",
        });
        (await client.CallAsync(guarded.Http.BaseAddress!, "generate", new { prompt = "frog" })).Text("error")
            .ShouldBe("AuthenticationError");
        (await client.CallAsync(guarded.Http.BaseAddress!, "models", key: "0123456789abcdef")).GetProperty("answer").GetArrayLength().ShouldBe(1);
        var many = await client.CallAsync(guarded.Http.BaseAddress!, "models", key: "0123456789abcdef");
        (many.Text("error"), many.Text("code")).ShouldBe(("RateLimitError", "rate_limit_exceeded"));
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions", 404)]
    [InlineData("GET", "/v1/images/generations", 404)]
    public async Task What_is_not_there_is_told_in_their_shape(string method, string path, int status)
    {
        using var answer = await Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.JsonAsync()).GetProperty("error").Text("code").ShouldBe("unknown_url");
    }

    [Theory]
    [InlineData("""{"prompt":"\ud800"}""", "prompt")]
    [InlineData("""{"prompt":{"a":"\ud800"}}""", "prompt")]
    [InlineData("""{"prompt":"frog","size":"\ud800"}""", "size")]
    [InlineData("""{"prompt":"frog","response_format":"\ud800"}""", "response_format")]
    [InlineData("""{"prompt":"frog","output_format":"\ud800"}""", "output_format")]
    [InlineData("""{"prompt":"frog","\ud800":1}""", null)]
    [InlineData("""{"prompt":"frog","prompt":"frog"}""", null)]
    [InlineData("""["frog"]""", null)]
    [InlineData("frog", null)]
    public async Task Bad_input_is_refused_in_their_shape_and_nothing_is_queued(string body, string? param)
    {
        using var answer = await Http.PostAsync(Images, new StringContent(body, Encoding.UTF8, "application/json"));

        await ShouldBeRefusedAsync(answer, 400, param);
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task What_is_no_JSON_or_too_large_or_for_another_host_is_refused_in_their_shape()
    {
        using var form = await Http.PostAsync(Images, new StringContent("""{"prompt":"frog"}""", Encoding.UTF8, "text/plain"));
        (await ShouldBeRefusedAsync(form, 415)).ShouldContain("application/json");

        using var huge = await Http.PostAsJsonAsync(Images, new { prompt = new string('a', 1_000_000) });
        await ShouldBeRefusedAsync(huge, 413);

        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "evil.example" } };
        using var unknown = await Http.SendAsync(elsewhere);
        (await ShouldBeRefusedAsync(unknown, 400)).ShouldContain("another name");
    }

    [Theory]
    [InlineData(Images, "\"error\"")]
    [InlineData(Api.Generations, "application/problem+json")]
    public async Task A_body_that_is_no_HTTP_is_the_clients_fault(string path, string expected)
    {
        var address = Http.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nno length\r\n{}\r\n0\r\n\r\n"));
        using var reader = new StreamReader(stream);

        (await reader.ReadLineAsync()).ShouldNotBeNull().ShouldContain("400");
        (await reader.ReadToEndAsync()).ShouldContain(expected);
    }

    [Fact]
    public async Task Who_goes_away_gives_the_pictures_up()
    {
        using var patience = new CancellationTokenSource();
        var asked = Http.PostAsJsonAsync(Images, new { prompt = "frog" }, patience.Token);
        var task = await _worker.TakeAsync();

        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asked);
        await Http.WaitForStatusAsync(task.Id, "cancelled");
    }

    [Fact]
    public async Task Who_waits_for_too_long_is_told_so_and_nothing_is_painted()
    {
        await using var impatient = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["OpenAi__TimeoutSeconds"] = "1" });
        using var answer = await impatient.Http.PostAsJsonAsync(Images, new { prompt = "frog" });
        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await answer.JsonAsync()).GetProperty("error").Text("type").ShouldBe("server_error");
        await impatient.Http.WaitForStatusAsync((await _worker.TakeAsync()).Id, "cancelled");
    }

    private static async Task<string> ShouldBeRefusedAsync(HttpResponseMessage answer, int status, string? param = null)
    {
        var body = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, body);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var error = (await answer.JsonAsync()).GetProperty("error");
        error.Text("type").ShouldBe("invalid_request_error");
        error.GetProperty("param").GetString().ShouldBe(param);
        return error.Text("message");
    }

    private async Task<GenerationTask> PaintAsync()
    {
        var task = await _worker.TakeAsync();
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        return task;
    }
}
