using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Tests;

/// <summary>Workers make previews only while somebody looks.</summary>
[Collection(HouseCollection.Name)]
public sealed class AudienceTests(WebUiFixture webUi, BrokerFixture broker) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private IHost _host = null!;
    private Audience _audience = null!;

    private Onlookers Onlookers => _host.Services.GetRequiredService<Onlookers>();

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:messaging", broker.ConnectionString)]);
        builder.AddGenerationMessaging();
        _host = builder.Build();
        _audience = new Audience(Onlookers, _time, NullLogger<Audience>.Instance);
        await _audience.StartAsync(CancellationToken.None);
        // Pages of tests before this one are looked at no more.
        await Eventually.TrueAsync(async () => !await Onlookers.AnyAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _audience.StopAsync(CancellationToken.None);
        _audience.Dispose();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    [Fact]
    public async Task Who_has_an_event_stream_looks_and_for_a_little_longer()
    {
        (await Onlookers.AnyAsync()).ShouldBeFalse();
        using (_audience.Watch())
        using (_audience.Watch())
        {
            await Eventually.TrueAsync(() => Onlookers.AnyAsync());
            _time.Advance(TimeSpan.FromMinutes(1));
            (await Onlookers.AnyAsync()).ShouldBeTrue();
        }
        _time.Advance(TimeSpan.FromSeconds(5));
        (await Onlookers.AnyAsync()).ShouldBeTrue();
        await ShouldEndAsync();
    }

    [Fact]
    public async Task Who_looks_now_and_then_looks_in_between_too()
    {
        for (var n = 0; n < 3; n++)
        {
            _audience.Look();
            await Eventually.TrueAsync(() => Onlookers.AnyAsync());
            _time.Advance(TimeSpan.FromSeconds(8));
        }
        (await Onlookers.AnyAsync()).ShouldBeTrue();
        await ShouldEndAsync();
        _audience.Look();
        await Eventually.TrueAsync(() => Onlookers.AnyAsync());
    }

    [Theory]
    [InlineData("/api/events")]
    [InlineData("/gallery/events")]
    public async Task A_stream_of_a_running_page_is_a_look(string path)
    {
        using var stream = await webUi.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        await Eventually.TrueAsync(() => Onlookers.AnyAsync());
    }

    [Fact]
    public async Task Asking_for_a_preview_is_a_look_and_asking_how_a_generation_is_is_none()
    {
        var id = await webUi.Http.AskForIdAsync("frog");
        await webUi.Http.WaitForStatusAsync(id, "queued");
        (await Onlookers.AnyAsync()).ShouldBeFalse();
        (await webUi.Http.GetAsync($"{Api.Generations}/{id}/preview.png")).Dispose();
        await Eventually.TrueAsync(() => Onlookers.AnyAsync());
    }

    // In small steps: it looks around once a second.
    private Task ShouldEndAsync() => Eventually.TrueAsync(async () =>
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return !await Onlookers.AnyAsync();
    });
}
