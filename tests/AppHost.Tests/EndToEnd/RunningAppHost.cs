using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using RabbitMQ.Client;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

/// <summary>The whole application on free ports, with a tiny model and a data folder of its own.</summary>
public sealed class RunningAppHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;

    public HttpClient WebUi => field ??= App.CreateHttpClient("webui");

    internal DistributedApplication App => _app ?? throw new InvalidOperationException("It has not started.");

    public async ValueTask InitializeAsync()
    {
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Arguments(_folder["data"]));
        _app = await _builder.BuildAsync();
        using var bound = new CancellationTokenSource(Eventually.Generous);
        await _app.StartAsync(bound.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("webui", bound.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("scaler", bound.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (_builder is not null)
            await _builder.DisposeAsync();
        _folder.Dispose();
    }

    internal static string[] Arguments(string data) =>
        ["--data", data, "--model", Repository.TinyModel, "--port", "0", "--dashboard-port", "0"];

    /// <summary>Queues a prompt; the answer is the API's.</summary>
    internal Task<JsonNode> Paint(object request) => Api.Queue(WebUi, request);

    /// <summary>Waits until the generation has ended, well or not.</summary>
    internal Task<JsonNode> Finished(JsonNode generation) => Api.Finished(WebUi, $"{generation["id"]}");

    internal async Task<IConnection> ConnectToBroker() =>
        await new ConnectionFactory { Uri = new Uri((await App.GetConnectionStringAsync("messaging"))!) }.CreateConnectionAsync();

    /// <summary>The processes of the application whose command line has the text.</summary>
    internal static IReadOnlyList<LinuxProcess> Processes(string text) =>
        [.. LinuxProcess.Tree(Environment.ProcessId).Where(process =>
            process.Id != Environment.ProcessId && process.CommandLine.Contains(text, StringComparison.Ordinal))];
}

[CollectionDefinition(Name)]
public sealed class EndToEndCollection : ICollectionFixture<RunningAppHost>
{
    public const string Name = "End to end";
}
