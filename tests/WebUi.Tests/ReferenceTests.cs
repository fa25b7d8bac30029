using Microsoft.Playwright;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class ReferenceTests(WebUiFixture webUi)
{
    [Fact]
    public async Task The_document_has_every_operation_and_only_those_of_the_API()
    {
        var document = await webUi.Http.GetJsonAsync("/openapi/v1.json");

        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}")).ToArray();
        operations.ShouldBe(
            [
                "post /api/generations", "get /api/generations", "get /api/generations/{id}", "delete /api/generations/{id}",
                "post /api/generations/{id}/retry", "get /api/generations/{id}/events", "get /api/events",
                "get /api/generations/{id}/preview.png", "get /api/images/{id}/{n}.png", "head /api/images/{id}/{n}.png",
                "get /api/status", "get /api/models", "get /api/samplers",
                "post /v1/images/generations", "get /v1/models", "get /v1/models/{name}",
            ], ignoreOrder: true);
        document.GetProperty("components").GetProperty("schemas").GetProperty("GenerationRequest").GetProperty("properties")
            .TryGetProperty("negativePrompt", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task The_page_shows_it_and_nothing_is_blocked()
    {
        await using var browser = await Browser.StartAsync(webUi.Http.BaseAddress!);
        await browser.Page.GotoAsync(new Uri(webUi.Http.BaseAddress!, "/docs").ToString());

        await browser.Page.GetByRole(AriaRole.Heading, new() { Name = "POST /v1/images/generations" }).WaitForAsync();
        (await browser.Page.GetByText("guidanceScale").CountAsync()).ShouldBeGreaterThan(0);
        await browser.ScreenshotAsync("reference");
        browser.Faults.ShouldBeEmpty();
    }
}
