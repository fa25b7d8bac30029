using SdAspire.Tests.Shared;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(ObjectStoreFixture))]

namespace SdAspire.WebUi.Tests;

/// <summary>Tests that share the broker's queues, whose names are fixed, and so run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class HouseCollection : ICollectionFixture<WebUiFixture>
{
    public const string Name = "House";
}

/// <summary>A running WebUi: the program itself on a free port.</summary>
public sealed class WebUiProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private WebUiProcess(ChildProcess process, Uri address)
    {
        _process = process;
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public IReadOnlyList<string> Output => _process.Output;

    public static async Task<WebUiProcess> StartAsync(
        string messaging, string storage, IReadOnlyDictionary<string, string>? settings = null)
    {
        const string Listening = "Now listening on: ";
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ConnectionStrings__messaging"] = messaging,
            ["ConnectionStrings__storage"] = storage,
        };
        environment.TryAdd("Worker__Model", Repository.TinyModel);
        // Tests delete the queue with what others have left in it.
        environment.TryAdd("LostTasks__AfterSeconds", "0");
        var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], environment);
        try
        {
            var line = await process.WaitForLineAsync(line => line.Contains(Listening, StringComparison.Ordinal), Eventually.Generous);
            return new WebUiProcess(process, new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it as a launcher does, and says how it ended.</summary>
    public async Task<int> StopAsync()
    {
        await _process.StopAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}

/// <summary>The WebUi that most tests share, with a model that has examples.</summary>
public sealed class WebUiFixture(BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private readonly DirectoryInfo _models = Directory.CreateTempSubdirectory("sdaspire-models-");
    private WebUiProcess? _webUi;

    public const string ModelName = "small";

    public HttpClient Http => _webUi!.Http;

    public IReadOnlyList<string> Output => _webUi!.Output;

    public string Model => Path.Combine(_models.FullName, ModelName);

    public async ValueTask InitializeAsync()
    {
        foreach (var file in (string[])["unet/config.json", "vae/config.json", "scheduler/scheduler_config.json"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Model, file))!);
            File.Copy(Path.Combine(Repository.TinyModel, file), Path.Combine(Model, file));
        }
        await File.WriteAllTextAsync(Path.Combine(Model, "generation_config.json"),
            """{"num_inference_steps":12,"guidance_scale":3.0,"width":64,"height":64,"scheduler":"ddim","examples":["red heart","frog"]}""");
        _webUi = await StartAnotherAsync();
        await Eventually.TrueAsync(async () => (await Http.GetAsync("/health")).IsSuccessStatusCode);
    }

    public Task<WebUiProcess> StartAnotherAsync(IReadOnlyDictionary<string, string>? settings = null) =>
        WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString,
            new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["Worker__Model"] = Model });

    public async ValueTask DisposeAsync()
    {
        if (_webUi is not null)
            await _webUi.DisposeAsync();
        _models.Delete(recursive: true);
    }
}
