using Aspire.Hosting.Testing;

namespace SdAspire.Hosting.Tests;

public sealed class ProjectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ProjectRunsFromItsOwnFolderAndListensWhereItIsTold()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        builder.AddProject<Projects.ObjectStore>("store")
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/minio/health/live")
            .WithEnvironment("ObjectStore__DataPath", _folder["objects"])
            .WithEnvironment("ObjectStore__AccessKey", "tests")
            .WithEnvironment("ObjectStore__SecretKey", "a long secret");
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        var store = (await app.ResourceNotifications.WaitForResourceHealthyAsync("store").WaitAsync(Eventually.Generous)).Snapshot;

        store.ResourceType.ShouldBe("Project");
        store.Properties.Single(p => p.Name == "project.path").Value
            .ShouldBe(Path.Combine(Repository.Root, "ObjectStore", "ObjectStore.csproj"));
        var environment = store.EnvironmentVariables.ToDictionary(v => v.Name, v => v.Value);
        environment["ASPNETCORE_URLS"].ShouldBe(app.GetEndpoint("store").ToString().TrimEnd('/'));
        environment["LOGGING__CONSOLE__FORMATTERNAME"].ShouldBe("simple");
        environment["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"].ShouldBe("true");
        environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"].ShouldBe("in_memory");
        using var client = app.CreateHttpClient("store");
        client.BaseAddress.ShouldBe(app.GetEndpoint("store", "http"));
        (await client.GetAsync("/minio/health/live")).EnsureSuccessStatusCode();
    }

    [Fact]
    public void LaunchProfileGivesEndpointsAndVariables()
    {
        Directory.CreateDirectory(_folder["Properties"]);
        File.WriteAllText(_folder["Properties/launchSettings.json"], """
            {
              // comments are allowed
              "profiles": {
                "IIS": { "commandName": "IISExpress", "applicationUrl": "http://localhost:1" },
                "http": { "commandName": "Project", "applicationUrl": "http://localhost:5001", "environmentVariables": { "COLOUR": "red" } },
                "other": { "commandName": "Project", "applicationUrl": "http://127.0.0.1:5002" }
              }
            }
            """);
        FakeProject.Path = _folder["Fake.csproj"];

        Endpoint(b => b.AddProject<FakeProject>("web")).Port.ShouldBe(5001);
        Endpoint(b => b.AddProject<FakeProject>("web", "other")).Port.ShouldBe(5002);
        Endpoint(b => b.AddProject<FakeProject>("web", "other")).TargetHost.ShouldBe("127.0.0.1");
        Endpoint(b => b.AddProject<FakeProject>("web").WithHttpEndpoint(port: 5003)).Port.ShouldBe(5003);
        Applications.Create(_folder).AddProject<FakeProject>("web", launchProfileName: null).GetEndpoint("http").Exists.ShouldBeFalse();
        Should.Throw<DistributedApplicationException>(() => Applications.Create(_folder).AddProject<FakeProject>("web", "missing"))
            .Message.ShouldContain("'missing'");

        EndpointAnnotation Endpoint(Func<IDistributedApplicationBuilder, IResourceBuilder<ProjectResource>> add) =>
            add(Applications.Create(_folder)).GetEndpoint("http").EndpointAnnotation;
    }

    [Fact]
    public async Task ProjectThatIsNotBuiltIsNamed()
    {
        FakeProject.Path = _folder["Fake.csproj"];
        var builder = Applications.Create(_folder);
        builder.AddProject<FakeProject>("web", launchProfileName: null);

        (await builder.RunToFailureAsync()).ShouldBe(
            $"Resource 'web' failed to start: {FakeProject.Path} is not built: run 'dotnet build' on the AppHost");
    }

    private sealed class FakeProject : IProjectMetadata
    {
        private static readonly AsyncLocal<string> OfTest = new();

        public static string Path { get => OfTest.Value!; set => OfTest.Value = value; }

        public string ProjectPath { get; } = Path;
    }
}
