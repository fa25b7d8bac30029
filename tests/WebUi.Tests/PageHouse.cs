using Microsoft.Playwright;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>A WebUi with a queue and a gallery of its own, and one browser for all who look at it.</summary>
public sealed class PageHouse(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private const string Name = "page";

    private WebUiProcess _webUi = null!;

    public HttpClient Http => _webUi.Http;

    internal Browser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Eventually.Generous.TotalMilliseconds);
        _webUi = await webUi.StartAnotherAsync(new Dictionary<string, string>
        {
            [$"Models__{WebUiFixture.ModelName}__Queue"] = Name,
            [$"Models__{WebUiFixture.ModelName}__Path"] = webUi.Model,
            [$"Metrics__PricePerHour__{WebUiFixture.ModelName}"] = "0.5",
            ["Storage__Bucket"] = Name,
        });
        await Eventually.TrueAsync(async () => (await Http.GetAsync("/health")).IsSuccessStatusCode);
        Browser = await Browser.StartEmptyAsync(Http.BaseAddress!);
    }

    public Task<WorkerRole> StartWorkerAsync() => WorkerRole.StartAsync(broker, storage, Name, Name);

    /// <summary>One that asks for a password.</summary>
    public Task<WebUiProcess> StartGuardedAsync() =>
        WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString, GuardedWebUi.Settings);

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        await _webUi.DisposeAsync();
    }
}
