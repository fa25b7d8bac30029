using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class ReferenceTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage)
{
    private const string Address = "/openapi/v1.json";

    private HttpClient Http => webUi.Http;

    [Fact]
    public async Task The_document_has_every_operation_and_only_those_of_the_API()
    {
        var operations = await OperationsAsync();

        operations.Keys.ShouldBe(
            [
                "post /api/generations", "get /api/generations", "get /api/generations/{id}", "delete /api/generations/{id}",
                "post /api/generations/{id}/retry", "get /api/generations/{id}/events", "get /api/events",
                "get /api/generations/{id}/preview.png", "get /api/images/{id}/{n}.png", "head /api/images/{id}/{n}.png",
                "get /api/status", "get /api/models", "get /api/samplers",
                "post /v1/images/generations", "get /v1/models", "get /v1/models/{name}",
            ], ignoreOrder: true);
    }

    [Fact]
    public async Task Every_operation_says_all_that_it_may_answer()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var responses = operation.GetProperty("responses");
            var isOpenAi = name.Contains(" /v1/", StringComparison.Ordinal);
            var takesItsTime = name.EndsWith("events", StringComparison.Ordinal) || name == "post /v1/images/generations";
            var expected = new List<string> { "401", "429" };
            if (!takesItsTime)
                expected.Add("504");
            if (operation.TryGetProperty("requestBody", out _))
                expected.AddRange(["400", "413", "415", "503"]);
            var statuses = NamesOf(responses);
            expected.ShouldBeSubsetOf(statuses, name);
            statuses.Contains("504").ShouldBe(!takesItsTime, name);
            foreach (var failure in responses.EnumerateObject().Where(response => response.Name[0] is '4' or '5'))
            {
                var content = failure.Value.GetProperty("content").EnumerateObject().Single();
                (content.Name, NameOf(content.Value.GetProperty("schema"))).ShouldBe(
                    isOpenAi ? ("application/json", "OpenAiFailure")
                    : failure.Name == "400" ? ("application/problem+json", "HttpValidationProblemDetails")
                    : ("application/problem+json", "ProblemDetails"), $"{name} {failure.Name}");
            }
        }
    }

    [Theory]
    [InlineData("GenerationRequest", Api.Generations)]
    [InlineData("OpenAiImageRequest", "/v1/images/generations")]
    public async Task Only_the_prompt_is_required_of_who_asks_and_each_field_is_explained(string type, string path)
    {
        var schema = await SchemaAsync(type);

        schema.GetProperty("required").EnumerateArray().Select(field => field.GetString()).ShouldBe(["prompt"]);
        var fields = schema.GetProperty("properties");
        fields.GetProperty("prompt").Text("type").ShouldBe("string");
        fields.EnumerateObject().ShouldAllBe(field => field.Value.Text("description").Length > 0);
        NameOf((await OperationsAsync())[$"post {path}"].GetProperty("requestBody").GetProperty("content")
            .GetProperty("application/json").GetProperty("schema")).ShouldBe(type);
    }

    [Fact]
    public async Task Everything_has_a_type_and_a_number_is_no_text()
    {
        var document = await Http.GetJsonAsync(Address);

        foreach (var (path, schema) in Schemas(document, "").ToArray())
        {
            if (((string[])["$ref", "oneOf", "anyOf"]).Any(choice => schema.TryGetProperty(choice, out _)))
                continue;
            schema.TryGetProperty("type", out var type).ShouldBeTrue(path);
            if (type.ValueKind == JsonValueKind.Array)
                type.EnumerateArray().Count(one => one.GetString() != "null").ShouldBe(1, path);
        }
        var view = await PropertiesAsync("GenerationView");
        var created = view.GetProperty("createdAt");
        (created.Text("type"), created.Text("format")).ShouldBe(("string", "date-time"));
        view.GetProperty("finishedAt").GetProperty("type").EnumerateArray().Select(type => type.GetString())
            .ShouldBe(["null", "string"], ignoreOrder: true);
        (await SchemaAsync("GenerationStatus")).GetProperty("enum").EnumerateArray().Select(value => value.GetString())
            .ShouldBe(["queued", "running", "done", "failed", "cancelled"]);
        var parameters = (await OperationsAsync())["get /api/generations"].GetProperty("parameters").EnumerateArray()
            .ToDictionary(parameter => parameter.Text("name"));
        parameters["limit"].GetProperty("schema").Text("type").ShouldBe("integer");
        parameters["status"].GetProperty("explode").GetBoolean().ShouldBeFalse();
        parameters["q"].Text("description").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_is_answered_is_what_the_document_says()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        using var one = await Http.AskAsync("frog");
        using var several = await Http.PostAsJsonAsync(Api.Generations, new { prompt = "frog", count = 2, parallel = true });
        var batch = await several.JsonAsync();

        NamesOf(await one.JsonAsync()).ShouldBe(NamesOf(await PropertiesAsync("GenerationView")), ignoreOrder: true);
        NamesOf(batch).ShouldBe(NamesOf(await PropertiesAsync("GenerationBatch")), ignoreOrder: true);
        NamesOf(batch.GetProperty("items")[0]).ShouldBe(NamesOf(await PropertiesAsync("GenerationView")), ignoreOrder: true);
        var accepted = (await OperationsAsync())["post /api/generations"].GetProperty("responses").GetProperty("202")
            .GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Choices(await SchemaAsync(NameOf(accepted)), "oneOf").ShouldBe(["GenerationView", "GenerationBatch"]);
        Choices(await SchemaAsync("EventData"), "anyOf").ShouldBe(["GenerationView", "StepView", "PreviewView", "DeletedView"]);
        NamesOf(await Http.GetJsonAsync("/v1/models/" + WebUiFixture.ModelName))
            .ShouldBe(NamesOf(await PropertiesAsync("OpenAiModel")), ignoreOrder: true);
        NamesOf(await Http.GetJsonAsync("/api/status")).ShouldBe(NamesOf(await PropertiesAsync("StatusView")), ignoreOrder: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_is_asked_for_where_there_is_one(bool guarded)
    {
        await using var house = guarded
            ? await WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString, GuardedWebUi.Settings)
            : null;
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GuardedWebUi.Key);
        using var answer = await (house?.Http ?? Http).SendAsync(request);
        var document = await answer.JsonAsync();

        var scheme = document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Single();
        (scheme.Value.Text("type"), scheme.Value.Text("scheme")).ShouldBe(("http", "bearer"));
        document.GetProperty("security").EnumerateArray().Select(way => string.Join(" ", NamesOf(way)))
            .ShouldBe(guarded ? [scheme.Name] : [scheme.Name, ""]);
    }

    [Fact]
    public async Task The_page_shows_it_with_all_types_and_nothing_is_blocked()
    {
        await using var browser = await Browser.StartAsync(Http.BaseAddress!);
        var page = browser.Page;
        await page.GotoAsync(new Uri(Http.BaseAddress!, "/docs").ToString());

        await page.GetByRole(AriaRole.Heading, new() { Name = "POST /v1/images/generations" }).WaitForAsync();
        await browser.ScreenshotAsync("reference");
        foreach (var (type, text) in ((string, string)[])
            [
                ("GenerationRequest", "What they are not to show."), ("ImageView", "withheld"), ("PaintingProgress", "step"),
                ("GenerationStatus", "queued | running"), ("PreviewView", "preview"),
                ("GenerationBatch", "array of GenerationView"),
            ])
            (await page.GetByRole(AriaRole.Region, new() { Name = type, Exact = true }).InnerTextAsync()).ShouldContain(text);
        await page.GetByRole(AriaRole.Link, new() { Name = "EventData" }).First.ClickAsync();
        new Uri(page.Url).Fragment.ShouldBe("#type-EventData");
        browser.Faults.ShouldBeEmpty();
    }

    private async Task<Dictionary<string, JsonElement>> OperationsAsync() => (
        from path in (await Http.GetJsonAsync(Address)).GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name} {path.Name}", operation.Value)).ToDictionary();

    private async Task<JsonElement> SchemaAsync(string type) =>
        (await Http.GetJsonAsync(Address)).GetProperty("components").GetProperty("schemas").GetProperty(type);

    private async Task<JsonElement> PropertiesAsync(string type) => (await SchemaAsync(type)).GetProperty("properties");

    /// <summary>All schemas in it, with where they are.</summary>
    private static IEnumerable<(string Path, JsonElement Schema)> Schemas(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var member in json.EnumerateObject())
        {
            var here = $"{path}/{member.Name}";
            IEnumerable<(string, JsonElement)> direct = member.Name switch
            {
                "schema" or "items" or "additionalProperties" when member.Value.ValueKind == JsonValueKind.Object =>
                    [(here, member.Value)],
                "properties" or "schemas" => member.Value.EnumerateObject().Select(one => ($"{here}/{one.Name}", one.Value)),
                _ => [],
            };
            foreach (var schema in direct)
                yield return schema;
            foreach (var inner in Schemas(member.Value, here))
                yield return inner;
        }
    }

    private static string[] Choices(JsonElement schema, string kind) =>
        [.. schema.GetProperty(kind).EnumerateArray().Select(NameOf)];

    private static string NameOf(JsonElement reference) => reference.Text("$ref").Split('/')[^1];

    private static string[] NamesOf(JsonElement json) => [.. json.EnumerateObject().Select(member => member.Name)];
}
