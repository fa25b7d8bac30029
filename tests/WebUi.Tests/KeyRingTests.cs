using System.Net;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SdAspire.WebUi.Keys;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class KeyRingTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task Replicas_that_start_together_accept_each_others_logins_and_forms()
    {
        var bucket = NewBucket();
        var settings = new Dictionary<string, string>(GuardedWebUi.Settings) { ["Storage__Bucket"] = bucket };
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => webUi.StartAnotherAsync(settings)));
        try
        {
            using var visitor = new Visitor(replicas[0].Http.BaseAddress!);
            (await visitor.LogInAsync(GuardedWebUi.Password)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
            var page = await visitor.Http.GetStringAsync("/");
            foreach (var replica in replicas)
            {
                using var same = new Visitor(replica.Http.BaseAddress!);
                same.Take(visitor.Cookies);
                (await same.Http.GetStringAsync("/")).ShouldContain("Sign out");
                // The token of another replica's page: refused for what was typed, not for the token.
                using var answer = await same.SendAsync(page, "/", ("prompt", "frog"), ("steps", "500"));
                (await answer.Content.ReadAsStringAsync()).ShouldContain("The field steps must be from 1 to 150.");
            }
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
        (await KeysAsync(Host(bucket))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_was_opened_while_the_storage_was_away_still_works_when_it_is_back()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        await storage.StopAsync();
        WebUiProcess started;
        string page;
        Visitor visitor;
        try
        {
            started = await WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString);
            visitor = new Visitor(started.Http.BaseAddress!);
            page = await visitor.Http.GetStringAsync("/");
            using var health = await started.Http.GetAsync("/health");
            health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await health.JsonAsync()).GetProperty("checks").GetProperty("keys").Text("status").ShouldBe("Unhealthy");
        }
        finally
        {
            await storage.StartAsync();
        }
        await using (started)
        using (visitor)
        {
            await Eventually.TrueAsync(async () => (await started.Http.GetAsync("/health")).IsSuccessStatusCode);
            using var answer = await visitor.SendAsync(page, "/", ("prompt", "frog"));

            answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
            (await worker.TakeAsync()).Prompt.ShouldBe("frog");
            // And what it gives out from now on is good on every replica.
            using var newcomer = new Visitor(started.Http.BaseAddress!);
            page = await newcomer.Http.GetStringAsync("/");
            using var other = new Visitor(webUi.Http.BaseAddress!);
            other.Take(newcomer.Cookies);
            using var elsewhere = await other.SendAsync(page, "/", ("prompt", "toad"));
            elsewhere.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        }
    }

    [Fact]
    public async Task A_key_gets_its_successor_in_time_and_only_once()
    {
        var bucket = NewBucket();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var (one, other) = (Host(bucket, time), Host(bucket, time));
        await SynchronizeAsync(one);
        await SynchronizeAsync(other);
        (await KeysAsync(one)).ShouldBe([ObjectKeys.ProtectionKey(1)]);
        one.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("secret")
            .ShouldNotBeNullOrEmpty();

        time.Advance(KeyRingService.Lifetime - KeyRingService.RenewBefore - TimeSpan.FromHours(1));
        await SynchronizeAsync(one);
        (await KeysAsync(one)).ShouldHaveSingleItem();
        time.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(SynchronizeAsync(one), SynchronizeAsync(other));

        (await KeysAsync(one)).ShouldBe([ObjectKeys.ProtectionKey(1), ObjectKeys.ProtectionKey(2)]);
        var rings = new[] { one, other }.Select(host => host.Services.GetRequiredService<KeyRing>().GetAllElements().ToArray()).ToArray();
        rings[0].Length.ShouldBe(2);
        rings[1].SequenceEqual(rings[0], XNode.EqualityComparer).ShouldBeTrue();
        // Not used before every replica has had the time to read it.
        ((DateTimeOffset)rings[0][1].Element("activationDate")!)
            .ShouldBe(time.GetUtcNow() + KeyRingService.Propagation, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_one_protects_the_other_reads_and_a_broken_key_costs_only_itself()
    {
        var bucket = NewBucket();
        var (one, other) = (Host(bucket), Host(bucket));
        await one.Services.GetRequiredService<IObjectStore>().PutAsync(ObjectKeys.ProtectionKey(1), "<key"u8.ToArray(), "application/xml");
        await SynchronizeAsync(one);
        await SynchronizeAsync(other);

        var secret = one.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("secret");

        other.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(secret).ShouldBe("secret");
        (await KeysAsync(one)).ShouldBe([ObjectKeys.ProtectionKey(1), ObjectKeys.ProtectionKey(2)]);
    }

    private static string NewBucket() => $"keys-{Guid.NewGuid():N}";

    private static Task SynchronizeAsync(IHost host) =>
        host.Services.GetRequiredService<IEnumerable<IHostedService>>().OfType<KeyRingService>().Single()
            .SynchronizeAsync(CancellationToken.None);

    private static async Task<List<string>> KeysAsync(IHost host)
    {
        var keys = new List<string>();
        await foreach (var key in host.Services.GetRequiredService<IObjectStore>().ListAsync(ObjectKeys.ProtectionKeysPrefix))
            keys.Add(key);
        return keys;
    }

    private IHost Host(string bucket, TimeProvider? time = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = broker.ConnectionString,
            ["ConnectionStrings:storage"] = storage.ConnectionString,
            ["Storage:Bucket"] = bucket,
        });
        builder.AddGeneration();
        builder.Services.AddSharedKeys();
        if (time is not null)
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        var host = builder.Build();
        _hosts.Add(host);
        return host;
    }
}
