using System.Globalization;
using Aspire.Hosting.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SdAspire.Hosting.ResourceService;
using CommandState = SdAspire.Hosting.ResourceService.ResourceCommandState;
using Resource = SdAspire.Hosting.ResourceService.Resource;

namespace SdAspire.Hosting.Tests.Dashboard;

/// <summary>What a dashboard hears from an AppHost, with a real client.</summary>
public sealed class ResourceServiceTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IDistributedApplicationTestingBuilder _builder = null!;
    private DistributedApplication _app = null!;
    private GrpcChannel _channel = null!;
    private Metadata _headers = null!;

    public async ValueTask InitializeAsync()
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ChildProcess.FreePort()}");
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            ["--folder", _folder.Path], (options, _) => (options.DisableDashboard, options.DashboardApplicationName) = (false, "Sample.AppHost"));
        _builder.Configuration["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = url;
        _builder.AddParameter("token", "a secret", secret: true);
        _builder.AddExecutable("server", "sh", _folder.Path, "-c", "echo hello; exec sleep 1000").WithHttpEndpoint().WithEnvironment("COLOUR", "red");
        _app = await _builder.BuildAsync();
        await _app.StartAsync();
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
        // It is started when the service listens.
        await _app.ResourceNotifications.WaitForResourceAsync("aspire-dashboard", KnownResourceStates.Running).WaitAsync(Eventually.Generous);
        _channel = GrpcChannel.ForAddress(url, new() { HttpHandler = new SocketsHttpHandler { UseProxy = false } });
        _headers = new() { { "x-resource-service-api-key", _builder.Configuration["AppHost:ResourceService:ApiKey"]! } };
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
        await _builder.DisposeAsync();
        _folder.Dispose();
    }

    private DashboardService.DashboardServiceClient Client => new(_channel);

    [Fact]
    public async Task Nobody_is_answered_without_the_key()
    {
        foreach (var headers in new Metadata[] { [], new() { { "x-resource-service-api-key", "wrong" } } })
        {
            var refused = await Should.ThrowAsync<RpcException>(() =>
                Client.GetApplicationInformationAsync(new(), headers, Deadline).ResponseAsync);
            refused.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        }
        (await Client.GetApplicationInformationAsync(new(), _headers, Deadline)).ApplicationName.ShouldBe("Sample");
    }

    [Fact]
    public async Task An_empty_key_lets_nobody_in_unless_that_is_wanted()
    {
        _builder.Configuration["AppHost:ResourceService:ApiKey"] = "";
        foreach (var headers in new Metadata[] { [], new() { { "x-resource-service-api-key", "" } } })
            (await Should.ThrowAsync<RpcException>(() => Client.GetApplicationInformationAsync(new(), headers, Deadline).ResponseAsync))
                .StatusCode.ShouldBe(StatusCode.Unauthenticated);

        _builder.Configuration["AppHost:ResourceService:AuthMode"] = "Unsecured";
        (await Client.GetApplicationInformationAsync(new(), [], Deadline)).ApplicationName.ShouldBe("Sample");
    }

    [Fact]
    public async Task Resources_are_told_with_all_that_is_known_of_them_and_then_their_changes()
    {
        using var watch = Client.WatchResources(new(), _headers);
        var resources = (await NextAsync(watch)).InitialData.Resources.ToDictionary(r => r.Name);

        resources.Keys.ShouldBe(["aspire-dashboard", "first", "second", "server", "stubborn", "token"], ignoreOrder: true);
        resources["aspire-dashboard"].IsHidden.ShouldBeTrue();
        resources["token"].Properties.Single(p => p.Name == "Value").ShouldSatisfyAllConditions(
            p => p.Value.StringValue.ShouldBe("a secret"), p => p.IsSensitive.ShouldBeTrue());
        var server = resources["server"];
        server.State.ShouldBe("Running");
        server.ResourceType.ShouldBe("Executable");
        server.StartedAt.ShouldNotBeNull();
        server.Urls.ShouldHaveSingleItem().FullUrl.ShouldBe(_app.GetEndpoint("server").ToString().TrimEnd('/'));
        server.Environment.Single(v => v.Name == "COLOUR").Value.ShouldBe("red");
        server.Commands.Select(c => (c.Name, c.State)).ShouldBe(
        [
            ("resource-start", CommandState.Hidden), ("resource-stop", CommandState.Enabled), ("resource-restart", CommandState.Enabled),
        ]);

        var stop = new ResourceCommandRequest { ResourceName = "server", ResourceType = "Executable", CommandName = "resource-stop" };
        (await Client.ExecuteResourceCommandAsync(stop, _headers, Deadline)).Kind.ShouldBe(ResourceCommandResponseKind.Succeeded);
        var stopped = await UntilAsync(watch, c => c.Upsert is { Name: "server", State: "Exited" });
        stopped.Upsert.StoppedAt.ShouldNotBeNull();
        stopped.Upsert.Properties.Single(p => p.Name == "resource.exitCode").Value.NumberValue.ShouldBe(128 + 15);
        (await Client.ExecuteResourceCommandAsync(new() { ResourceName = "nobody", CommandName = "x" }, _headers, Deadline))
            .ShouldBe(new ResourceCommandResponse { Kind = ResourceCommandResponseKind.Failed, Message = "Resource 'nobody' not found." });
    }

    [Fact]
    public async Task Workers_appear_below_who_started_them_with_their_log_and_go()
    {
        using var watch = Client.WatchResources(new(), _headers);
        await NextAsync(watch);
        var worker = new Job("worker");
        await _app.ResourceNotifications.PublishUpdateAsync(worker, "worker-1", s => s with
        {
            State = KnownResourceStates.Running,
            Properties = [new("resource.parentName", "first")],
            Relationships = [new("first", "Parent")],
        });
        var shown = (await UntilAsync(watch, c => c.Upsert?.Name == "worker-1")).Upsert;
        shown.DisplayName.ShouldBe("worker");
        shown.ResourceType.ShouldBe("Job");
        shown.Properties.Single(p => p.Name == "resource.parentName").Value.StringValue.ShouldBe("first");
        shown.Relationships.ShouldBe([new ResourceRelationship { ResourceName = "first", Type = "Parent" }]);

        using var log = Client.WatchResourceConsoleLogs(new() { ResourceName = "worker-1" }, _headers);
        _app.Services.GetRequiredService<ResourceLoggerService>().GetLogger("worker-1").LogInformation("step 1");
        (await log.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        log.ResponseStream.Current.LogLines.ShouldBe([new ConsoleLogLine { LineNumber = 1, Text = "step 1", IsStdErr = false }]);

        await _app.ResourceNotifications.PublishUpdateAsync(worker, "worker-1", s => s with { IsHidden = true });
        (await UntilAsync(watch, c => c.Delete is not null)).Delete.ResourceName.ShouldBe("worker-1");
        (await log.ResponseStream.MoveNext(Late)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_log_is_followed_or_read_once()
    {
        await Eventually.TrueAsync(async () => (await ReadAsync()).Contains("hello"));

        async Task<List<string>> ReadAsync()
        {
            using var log = Client.WatchResourceConsoleLogs(new() { ResourceName = "server", SuppressFollow = true }, _headers);
            var lines = new List<string>();
            while (await log.ResponseStream.MoveNext(Late)) lines.AddRange(log.ResponseStream.Current.LogLines.Select(l => l.Text));
            return lines;
        }
    }

    [Fact]
    public async Task The_application_stops_though_somebody_watches()
    {
        using var watch = Client.WatchResources(new(), _headers);
        await NextAsync(watch);

        await _app.StopAsync().WaitAsync(Eventually.Generous);
    }

    private static DateTime Deadline => DateTime.UtcNow + Eventually.Generous;

    private static CancellationToken Late => new CancellationTokenSource(Eventually.Generous).Token;

    private static async Task<WatchResourcesUpdate> NextAsync(AsyncServerStreamingCall<WatchResourcesUpdate> watch)
    {
        (await watch.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return watch.ResponseStream.Current;
    }

    private static async Task<WatchResourcesChange> UntilAsync(
        AsyncServerStreamingCall<WatchResourcesUpdate> watch, Func<WatchResourcesChange, bool> isIt)
    {
        while (true)
            if ((await NextAsync(watch)).Changes?.Value.FirstOrDefault(isIt) is { } change)
                return change;
    }

    private sealed class Job(string name) : Aspire.Hosting.ApplicationModel.Resource(name);
}
