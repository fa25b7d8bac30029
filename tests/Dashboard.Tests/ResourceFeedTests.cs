using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Otlp;
using SdAspire.Hosting.Dashboard.Resources;
using SdAspire.Hosting.ResourceService;
using static SdAspire.Dashboard.Tests.ResourceServiceHost;

namespace SdAspire.Dashboard.Tests;

public sealed class ResourceFeedTests : IAsyncLifetime
{
    private readonly int _port = ChildProcess.FreePort();
    private ResourceServiceClient _client = null!;
    private ResourceFeed _feed = null!;

    public ValueTask InitializeAsync()
    {
        (_client, _feed) = Create($"http://127.0.0.1:{_port}", Key);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Resources_are_told_as_pages_show_them()
    {
        await using var host = await StartAsync(_port);
        await _feed.StartAsync(CancellationToken.None);
        var started = DateTimeOffset.UnixEpoch.AddDays(20_000);
        host.Updates.Writer.TryWrite(Initial(new Resource
        {
            Name = "webui-1", DisplayName = "webui", ResourceType = "Project", Uid = "u",
            State = "Running", StateStyle = "success",
            StartedAt = Timestamp.FromDateTimeOffset(started),
            Urls =
            {
                new Url { FullUrl = "http://localhost:2", IsInternal = true, IsInactive = true },
                new Url
                {
                    FullUrl = "http://localhost:1", EndpointName = "http",
                    DisplayProperties = new() { DisplayName = "Page", SortOrder = 9 },
                },
            },
            Environment =
            {
                new EnvironmentVariable { Name = "ConnectionStrings__messaging", Value = "amqp://u:p@h", IsFromSpec = true },
                new EnvironmentVariable { Name = "ASPNETCORE_URLS", Value = "http://localhost:1" },
            },
            Commands =
            {
                new ResourceCommand
                {
                    Name = "stop", DisplayName = "Stop", State = ResourceCommandState.Disabled, IsHighlighted = true,
                },
                new ResourceCommand { Name = "hidden", DisplayName = "Hidden", State = ResourceCommandState.Hidden },
            },
            Properties =
            {
                new ResourceProperty { Name = "executable.pid", Value = Value.ForNumber(42) },
                new ResourceProperty
                {
                    Name = "executable.args", Value = Value.ForList(Value.ForString("a"), Value.ForString("b")),
                },
                new ResourceProperty { Name = "value", Value = Value.ForString("x"), IsSensitive = true },
                new ResourceProperty { Name = "resource.parentName", Value = Value.ForString("app") },
            },
            HealthReports =
            {
                new HealthReport { Key = "self", Status = HealthStatus.Healthy },
                new HealthReport { Key = "queue", Status = HealthStatus.Degraded, Description = "slow" },
            },
        }));

        await Eventually.TrueAsync(() => _feed.Resources.Count == 1, "a resource");
        _feed.State.ShouldBe(FeedState.Connected);
        _feed.ApplicationName.ShouldBe("Tests");
        host.Keys.ShouldAllBe(key => key == Key);
        var resource = _feed.Resources[0];
        (resource.Name, resource.DisplayName, resource.Type, resource.State, resource.StateStyle, resource.Health)
            .ShouldBe(("webui-1", "webui", "Project", "Running", ResourceStateStyle.Success, ResourceHealth.Degraded));
        resource.StartedAt.ShouldBe(started);
        resource.StoppedAt.ShouldBeNull();
        resource.ParentName.ShouldBe("app");
        resource.Urls.ShouldBe([
            new ResourceUrl("http://localhost:1", "Page", "http", IsInternal: false, IsActive: true),
            new ResourceUrl("http://localhost:2", "http://localhost:2", null, IsInternal: true, IsActive: false)]);
        resource.Environment.ShouldBe([
            new EnvironmentVariableInfo("ASPNETCORE_URLS", "http://localhost:1", IsFromAppHost: false, IsSensitive: false),
            new EnvironmentVariableInfo("ConnectionStrings__messaging", "amqp://u:p@h", IsFromAppHost: true, IsSensitive: true)]);
        resource.Commands.ShouldHaveSingleItem().ShouldBe(
            new CommandInfo("stop", "Stop", null, null, null, IsHighlighted: true, IsEnabled: false));
        resource.Properties.Select(property => (property.Name, property.Value, property.IsSensitive)).ShouldBe(
            [
                ("executable.pid", "42", false), ("executable.args", "a b", false), ("value", "x", true),
                ("resource.parentName", "app", false),
            ]);
    }

    [Fact]
    public async Task Changes_are_told_to_subscribers_as_they_come()
    {
        await using var host = await StartAsync(_port);
        var calls = 0;
        using var subscription = _feed.Subscribe(() => Interlocked.Increment(ref calls));
        using var faulty = _feed.Subscribe(() => throw new InvalidOperationException("mine"));
        await _feed.StartAsync(CancellationToken.None);
        host.Updates.Writer.TryWrite(Initial(new Resource { Name = "a" }, new Resource { Name = "b" }));
        await Eventually.TrueAsync(() => _feed.Resources.Count == 2, "two resources");
        var before = _feed.Resources;
        var child = new Resource
        {
            Name = "worker-1", State = "Running",
            Relationships = { new ResourceRelationship { ResourceName = "a", Type = "Parent" } },
        };
        host.Updates.Writer.TryWrite(new WatchResourcesUpdate
        {
            Changes = new WatchResourcesChanges
            {
                Value =
                {
                    new WatchResourcesChange { Upsert = child },
                    new WatchResourcesChange { Delete = new ResourceDeletion { ResourceName = "b" } },
                },
            },
        });
        await Eventually.TrueAsync(() => _feed.Resources.Any(resource => resource.Name == "worker-1"), "the worker");
        _feed.Resources.Select(resource => (resource.Name, resource.ParentName)).ShouldBe([("a", null), ("worker-1", "a")]);
        before.Count.ShouldBe(2);
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) >= 2, "calls");
    }

    [Fact]
    public async Task It_comes_back_when_the_AppHost_does()
    {
        await _feed.StartAsync(CancellationToken.None);
        _feed.State.ShouldBe(FeedState.Connecting);
        await using (var first = await StartAsync(_port))
        {
            first.Updates.Writer.TryWrite(Initial(new Resource { Name = "a" }));
            await Eventually.TrueAsync(() => _feed.State == FeedState.Connected, "the first AppHost");
            first.Reconnects.ShouldBe([false]);
        }
        await Eventually.TrueAsync(() => _feed.State == FeedState.Connecting, "its end");
        _feed.Resources.ShouldHaveSingleItem().Name.ShouldBe("a");

        await using var second = await StartAsync(_port);
        second.Updates.Writer.TryWrite(Initial(new Resource { Name = "b" }));
        await Eventually.TrueAsync(() => _feed.State == FeedState.Connected, "the second AppHost");
        await Eventually.TrueAsync(
            () => _feed.Resources.Select(resource => resource.Name).SequenceEqual(["b"]), "its resources alone");
        second.Reconnects.ShouldBe([true]);
    }

    [Fact]
    public async Task A_refused_key_is_told_as_that()
    {
        await using var host = await StartAsync(_port);
        var (client, feed) = Create($"http://127.0.0.1:{_port}", "another");
        using (client)
        using (feed)
        {
            await feed.StartAsync(CancellationToken.None);
            await Eventually.TrueAsync(() => feed.State == FeedState.Refused, "the refusal");
            feed.Resources.ShouldBeEmpty();
            await feed.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Without_an_AppHost_there_is_nothing_to_wait_for()
    {
        var (client, feed) = Create(null, null);
        using (client)
        using (feed)
        {
            await feed.StartAsync(CancellationToken.None);
            feed.State.ShouldBe(FeedState.NotConfigured);
            (await feed.ExecuteAsync("a", "start")).Outcome.ShouldBe(CommandOutcome.Failed);
            await foreach (var _ in feed.ConsoleAsync("a"))
                throw new InvalidOperationException("There is no console.");
        }
    }

    [Fact]
    public async Task A_console_goes_on_where_it_was_after_a_lost_connection()
    {
        var bound = new CancellationTokenSource(Eventually.Generous);
        var host = await StartAsync(_port);
        host.Lines.Writer.TryWrite(ResourceServiceHost.Console((1, "one"), (2, "error")));
        await using var console = _feed.ConsoleAsync("a", bound.Token).GetAsyncEnumerator(bound.Token);
        (await console.MoveNextAsync()).ShouldBeTrue();
        console.Current.ShouldBe([new ConsoleLine(1, "one", false), new ConsoleLine(2, "error", true)]);

        var next = console.MoveNextAsync().AsTask();
        await host.DisposeAsync();
        await using var second = await StartAsync(_port);
        second.Lines.Writer.TryWrite(ResourceServiceHost.Console((1, "one"), (2, "error"), (3, "three")));
        (await next).ShouldBeTrue();
        console.Current.ShouldBe([new ConsoleLine(3, "three", false)]);

        next = console.MoveNextAsync().AsTask();
        await second.DisposeAsync();
        // An AppHost that was started again counts from one.
        await using var third = await StartAsync(_port);
        third.Lines.Writer.TryWrite(ResourceServiceHost.Console((1, "anew")));
        (await next).ShouldBeTrue();
        console.Current.ShouldBe([new ConsoleLine(1, "anew", false)]);

        next = console.MoveNextAsync().AsTask();
        await third.DisposeAsync();
        // And may have got further than the one before.
        await using var fourth = await StartAsync(_port);
        fourth.Lines.Writer.TryWrite(ResourceServiceHost.Console((1, "once more"), (2, "further")));
        (await next).ShouldBeTrue();
        console.Current.Select(line => line.Text).ShouldBe(["once more", "further"]);

        next = console.MoveNextAsync().AsTask();
        await bound.CancelAsync();
        await Should.ThrowAsync<Exception>(next);
    }

    [Fact]
    public async Task Commands_are_run_and_failures_are_answers()
    {
        (await _feed.ExecuteAsync("a", "start")).ShouldBe(
            new CommandResult(CommandOutcome.Failed, "The AppHost does not answer."));
        await using var host = await StartAsync(_port);
        // The channel waits a while after a failed connection.
        await Eventually.TrueAsync(
            async () => (await _feed.ExecuteAsync("a", "start")).Outcome == CommandOutcome.Succeeded, "a start");
        (await _feed.ExecuteAsync("a", "stop")).ShouldBe(new CommandResult(CommandOutcome.Failed, "It would not."));
        (await _feed.ExecuteAsync("a", "x")).ShouldBe(new CommandResult(CommandOutcome.Failed, "There is no such command."));
        host.Commands.Select(command => (command.ResourceName, command.CommandName)).Distinct()
            .ShouldBe([("a", "start"), ("a", "stop"), ("a", "x")]);
    }

    [Theory]
    [InlineData("ConnectionStrings__storage", "Endpoint=x", true)]
    [InlineData("MESSAGING_PASSWORD", "x", true)]
    [InlineData("Parameters__messaging-password", "x", true)]
    [InlineData("ObjectStore__AccessKey", "x", true)]
    [InlineData("SECRET_KEY", "x", true)]
    [InlineData("Dashboard__Frontend__BrowserToken", "x", true)]
    [InlineData("MESSAGING_URI", "amqp://guest:secret@localhost:5672", true)]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-api-key=0123", true)]
    [InlineData("SETTINGS", "Host=a;Password=b", true)]
    [InlineData("STORAGE_URI", "http://localhost:9000", false)]
    [InlineData("MONKEY", "banana", false)]
    [InlineData("KEYBOARD_LAYOUT", "de", false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", false)]
    [InlineData("PATH", "/usr/bin", false)]
    public void What_may_be_a_secret_is_marked(string name, string value, bool expected) =>
        ResourceReader.IsSensitive(name, value).ShouldBe(expected);

    private static (ResourceServiceClient Client, ResourceFeed Feed) Create(string? url, string? key)
    {
        var client = new ResourceServiceClient(Options.Create(
            new ResourceServiceOptions { Url = url, ApiKey = key, AuthMode = KeyAuthMode.ApiKey }));
        return (client, new ResourceFeed(client, TimeProvider.System, NullLogger<ResourceFeed>.Instance));
    }
}
