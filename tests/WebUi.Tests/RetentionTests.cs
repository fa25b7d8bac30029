using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Minio;
using Minio.DataModel.Args;
using Minio.DataModel.ILM;
using Minio.Exceptions;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class RetentionTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncDisposable
{
    private readonly string _bucket = $"retention-{Guid.NewGuid():N}";
    private readonly List<IHost> _hosts = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task The_days_become_rules_of_the_bucket_and_go_again_and_those_of_others_stay()
    {
        var services = Host(storage.ConnectionString).Services;
        var minio = services.GetRequiredService<IMinioClient>();
        await services.GetRequiredService<IObjectStore>().EnsureBucketAsync();
        await minio.SetBucketLifecycleAsync(new SetBucketLifecycleArgs().WithBucket(_bucket).WithLifecycleConfiguration(new LifecycleConfiguration
        {
            Rules = [new LifecycleRule { ID = "others", Status = "Enabled", Filter = new RuleFilter { Prefix = "logs/" }, Expiration = new Expiration { Days = 3 } }],
        }));

        foreach (var days in (string[])["30", "30", "7"])
        {
            await using var keeping = await StartAsync(days);
            await Eventually.TrueAsync(async () => (await RulesAsync()).SequenceEqual(
                [("others", "logs/", 3), ("sdaspire-retention-0", "0", int.Parse(days)), ("sdaspire-retention-1", "index/", int.Parse(days))]));
        }
        await using (await StartAsync("0"))
            await Eventually.TrueAsync(async () => (await RulesAsync()).SequenceEqual([("others", "logs/", 3)]));

        async Task<IEnumerable<(string, string, int)>> RulesAsync() =>
            (await minio.GetBucketLifecycleAsync(new GetBucketLifecycleArgs().WithBucket(_bucket)))
                .Rules.Select(rule => (rule.ID, rule.Filter.Prefix, (int)rule.Expiration.Days!.Value)).OrderBy(rule => rule.ID, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Where_only_our_rules_were_none_is_left()
    {
        var store = Host(storage.ConnectionString).Services.GetRequiredService<IObjectStore>();
        var minio = _hosts[0].Services.GetRequiredService<IMinioClient>();

        (await store.SetRetentionAsync(ObjectKeys.OfGenerations, 0)).ShouldBeTrue();
        (await store.SetRetentionAsync(ObjectKeys.OfGenerations, 5)).ShouldBeTrue();
        (await store.SetRetentionAsync(ObjectKeys.OfGenerations, 0)).ShouldBeTrue();

        var error = await Should.ThrowAsync<MinioException>(() => minio.GetBucketLifecycleAsync(new GetBucketLifecycleArgs().WithBucket(_bucket)));
        error.Response.Code.ShouldBe("NoSuchLifecycleConfiguration");
    }

    [Fact]
    public void Everything_of_a_generation_and_nothing_else_has_the_prefixes()
    {
        var id = TaskId.New(TimeProvider.System);
        foreach (var key in (string[])[ObjectKeys.Image(id, 0), ObjectKeys.Record(id), ObjectKeys.IndexSegment(id)])
            ObjectKeys.OfGenerations.ShouldContain(prefix => key.StartsWith(prefix, StringComparison.Ordinal));
        ObjectKeys.OfGenerations.ShouldNotContain(prefix => ObjectKeys.ProtectionKey(1).StartsWith(prefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_too_old_is_not_shown_whatever_the_bucket_still_has()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        var store = Host(storage.ConnectionString).Services.GetRequiredService<IObjectStore>();
        var (old, lost, young) = (Task(days: 9), Task(days: 8), Task(days: 6));
        foreach (var task in (GenerationTask[])[old, lost, young])
        {
            await store.PutAsync(
                ObjectKeys.IndexSegment(task.Id), IndexEntry.ToSegment([new IndexEntry { Accepted = task }]), "application/jsonl");
        }
        // The storage has deleted pictures and record of one, and has not come to the other.
        foreach (var task in (GenerationTask[])[old, young])
        {
            await store.PutAsync(ObjectKeys.Image(task.Id, 0), WorkerRole.Png, "image/png");
            await store.PutAsync(ObjectKeys.Record(task.Id), new GenerationRecord
            {
                Status = GenerationOutcome.Done, Task = task, Pictures = [new(0, ObjectKeys.Image(task.Id, 0), task.Seed)],
                FinishedAt = task.CreatedAt.AddMinutes(1),
            }.ToUtf8Json(), "application/json");
        }

        await using var keeping = await StartAsync("7");

        await Eventually.TrueAsync(async () => (await ShownAsync()).Contains(young.Id));
        (await ShownAsync()).ShouldBe([young.Id]);
        foreach (var gone in (GenerationTask[])[old, lost])
        {
            using var answer = await keeping.Http.GetAsync($"{Api.Generations}/{gone.Id}");
            await answer.ShouldBeProblemAsync(404);
        }
        (await ShownAsync()).ShouldBe([young.Id]);
        await using var forEver = await StartAsync("0");
        await Eventually.TrueAsync(async () =>
            (await forEver.Http.GetJsonAsync(Api.Generations)).GetProperty("items").GetArrayLength() == 3);

        async Task<IReadOnlyList<string>> ShownAsync() =>
            [.. (await keeping.Http.GetJsonAsync(Api.Generations)).GetProperty("items").EnumerateArray().Select(item => item.Text("id"))];
    }

    [Fact]
    public async Task A_storage_without_rules_is_told_once_and_nothing_else_fails()
    {
        await using var limited = await LimitedStorage.StartAsync(new Uri(storage.Endpoint));
        await using var keeping = await WebUiProcess.StartAsync(
            broker.ConnectionString, storage.ConnectionString.Replace(storage.Endpoint, limited.Address, StringComparison.Ordinal),
            new Dictionary<string, string> { ["Storage__Bucket"] = _bucket, ["Storage__RetentionDays"] = "7" });

        await Eventually.TrueAsync(() => keeping.Output.Any(IsWarning));

        await Eventually.TrueAsync(async () => (await keeping.Http.GetAsync("/health")).IsSuccessStatusCode);
        await keeping.Http.AskForIdAsync("frog");
        keeping.Output.Count(IsWarning).ShouldBe(1);

        static bool IsWarning(string line) => line.Contains("This storage has no lifecycle rules", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("a week")]
    [InlineData("99999999999")]
    public async Task Days_that_are_none_are_refused_at_the_start(string days)
    {
        await using var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["ConnectionStrings__storage"] = storage.ConnectionString,
            ["Worker__Model"] = Repository.TinyModel,
            ["Storage__RetentionDays"] = days,
        });

        (await process.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);
        await Eventually.TrueAsync(() => process.Output.Count > 0);
        process.Output.ShouldHaveSingleItem().ShouldContain($"Storage__RetentionDays is '{days}'");
    }

    private static GenerationTask Task(int days)
    {
        var at = DateTimeOffset.UtcNow.AddDays(-days);
        return new GenerationTask
        {
            Id = Ulid.NewUlid(at).ToString(), CreatedAt = at, Model = WebUiFixture.ModelName, Prompt = $"{days} days old", Seed = 1,
            Steps = 2, GuidanceScale = 3, Scheduler = "ddim", Width = 64, Height = 64,
        };
    }

    private Task<WebUiProcess> StartAsync(string days) => webUi.StartAnotherAsync(
        new Dictionary<string, string> { ["Storage__Bucket"] = _bucket, ["Storage__RetentionDays"] = days });

    private IHost Host(string connectionString)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = broker.ConnectionString,
            ["ConnectionStrings:storage"] = connectionString,
            ["Storage:Bucket"] = _bucket,
        });
        builder.AddGeneration();
        var host = builder.Build();
        _hosts.Add(host);
        return host;
    }

    /// <summary>Passes everything on to a real storage except lifecycles, which it answers as one that has none.</summary>
    private sealed class LimitedStorage : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private LimitedStorage(WebApplication app) => _app = app;

        public string Address => _app.Urls.Single();

        public static async Task<LimitedStorage> StartAsync(Uri behind)
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var http = new HttpClient();
            app.Lifetime.ApplicationStopped.Register(http.Dispose);
            app.Run(context => context.Request.Query.ContainsKey("lifecycle")
                ? RefuseAsync(context)
                : PassOnAsync(context, http, behind));
            await app.StartAsync();
            return new LimitedStorage(app);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private static Task RefuseAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status501NotImplemented;
            context.Response.ContentType = "application/xml";
            return context.Response.WriteAsync("<Error><Code>NotImplemented</Code><Message>No.</Message></Error>");
        }

        private static async Task PassOnAsync(HttpContext context, HttpClient http, Uri behind)
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(context.Request.Method), new Uri(behind, context.Request.Path + context.Request.QueryString));
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (body.Length > 0)
                request.Content = new ByteArrayContent(body.ToArray());
            foreach (var (name, value) in context.Request.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
                    request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
            using var answer = await http.SendAsync(request);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, value) in answer.Headers.Concat(answer.Content.Headers))
            {
                if (name is not "Transfer-Encoding")
                    context.Response.Headers[name] = value.ToArray();
            }
            await answer.Content.CopyToAsync(context.Response.Body);
        }
    }
}
