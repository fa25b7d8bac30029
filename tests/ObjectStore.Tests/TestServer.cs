using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Minio;

namespace SdAspire.ObjectStore.Tests;

/// <summary>The real server in this process: Kestrel on a free port, data in a folder of its own.</summary>
sealed class TestServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly TemporaryFolder? _owned;

    TestServer(WebApplication app, TemporaryFolder? owned, string dataPath)
    {
        (_app, _owned, DataPath) = (app, owned, dataPath);
        Url = new Uri(app.Urls.Single());
        // S3's metadata is UTF-8 on the wire, which HttpClient must be told.
        var handler = new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };
        Http = new HttpClient(handler) { BaseAddress = Url };
        S3 = new S3Client(Http, Account.AccessKey, Account.SecretKey, Account.Region);
    }

    public string DataPath { get; }

    public Uri Url { get; }

    public HttpClient Http { get; }

    /// <summary>The raw client, with the right credentials.</summary>
    public S3Client S3 { get; }

    public static async Task<TestServer> StartAsync(
        string? dataPath = null, FakeTimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var owned = dataPath is null ? new TemporaryFolder() : null;
        dataPath ??= owned!.Path;
        var builder = ObjectStoreApp.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ObjectStore:DataPath"] = dataPath,
            ["ObjectStore:AccessKey"] = Account.AccessKey,
            ["ObjectStore:SecretKey"] = Account.SecretKey,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("ObjectStore:" + s.Name, (string?)s.Value)));
        if (time is not null) builder.Services.AddSingleton<TimeProvider>(time);
        var app = await ObjectStoreApp.BuildAsync(builder);
        await app.StartAsync();
        return new TestServer(app, owned, dataPath);
    }

    /// <summary>The MinIO SDK's client. The SDK asks a server for nothing when the region is set.</summary>
    public IMinioClient Minio(string secretKey = Account.SecretKey) => new MinioClient()
        .WithEndpoint(Url.Authority)
        .WithCredentials(Account.AccessKey, secretKey)
        .WithRegion(Account.Region)
        .WithSSL(false)
        .Build();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _owned?.Dispose();
    }
}
