namespace SdAspire.Hosting.Tests;

public sealed class EnvironmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReferenceGivesConnectionStringAndItsParts()
    {
        var builder = Applications.Create(_folder);
        builder.Configuration["Parameters:db-password"] = "p@ss w/rd";
        var password = builder.AddParameter("db-password", secret: true);
        var database = builder.AddResource(new DatabaseResource("my-db", password.Resource)).WithArgs("1000").WithEndpoint(name: "tcp");
        builder.AddProbe("probe", _folder).WithReference(database).WithReference(database, connectionName: "other");

        var environment = await builder.RunProbeAsync("probe", _folder);

        var port = database.Resource.Endpoint.Port.ToString();
        environment["ConnectionStrings__my-db"].ShouldBe($"db://user:p%40ss%20w%2Frd@localhost:{port}");
        environment["MY_DB_HOST"].ShouldBe("localhost");
        environment["MY_DB_PORT"].ShouldBe(port);
        environment["MY_DB_PASSWORD"].ShouldBe("p@ss w/rd");
        environment["ConnectionStrings__other"].ShouldBe(environment["ConnectionStrings__my-db"]);
        environment["OTHER_PORT"].ShouldBe(port);
    }

    [Fact]
    public async Task GivenConnectionStringIsUsedAsItIs()
    {
        var builder = Applications.Create(_folder);
        builder.Configuration["ConnectionStrings:messaging"] = "amqp://elsewhere:5672";
        var messaging = builder.AddConnectionString("messaging");
        builder.AddProbe("probe", _folder).WithReference(messaging).WaitFor(messaging);

        var environment = await builder.RunProbeAsync("probe", _folder);

        environment["ConnectionStrings__messaging"].ShouldBe("amqp://elsewhere:5672");
        environment.Keys.ShouldNotContain(name => name.StartsWith("MESSAGING_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryKindOfValueIsResolvedAtStart()
    {
        var builder = Applications.Create(_folder);
        var parameter = builder.AddParameter("greeting", "hello");
        var server = builder.AddExecutable("server", "sleep", "/", "1000").WithHttpEndpoint(env: "PORT");
        builder.AddProbe("probe", _folder)
            .WithHttpEndpoint(env: "PORT")
            .WithEnvironment("TEXT", "a text")
            .WithEnvironment("PARAMETER", parameter)
            .WithEnvironment("ENDPOINT", server.GetEndpoint("http"))
            .WithEnvironment("MIXED", $"{{{parameter}}} at {server.GetEndpoint("http").Property(EndpointProperty.Port)}")
            .WithEnvironment("LATE", () => "later")
            .WithEnvironment(context => context.EnvironmentVariables["NAME"] = context.Resource.Name)
            .WithEnvironment(async context =>
            {
                await Task.Yield();
                context.EnvironmentVariables["TEXT"] = context.EnvironmentVariables["TEXT"] + " again";
            });

        var environment = await builder.RunProbeAsync("probe", _folder);

        var url = server.GetEndpoint("http").Url;
        environment["TEXT"].ShouldBe("a text again");
        environment["PARAMETER"].ShouldBe("hello");
        environment["ENDPOINT"].ShouldBe(url);
        environment["MIXED"].ShouldBe($"{{hello}} at {new Uri(url).Port}");
        environment["LATE"].ShouldBe("later");
        environment["NAME"].ShouldBe("probe");
        environment["PORT"].ShouldNotBe(new Uri(url).Port.ToString());
    }

    [Fact]
    public async Task TelemetryIsSentOnlyWhereSomethingListens()
    {
        var without = Applications.Create(_folder);
        without.AddProbe("deaf", _folder).WithOtlpExporter();
        (await without.RunProbeAsync("deaf", _folder)).Keys.ShouldNotContain(name => name.StartsWith("OTEL_", StringComparison.Ordinal));

        var with = Applications.Create(_folder);
        with.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:18889";
        with.Configuration["AppHost:OtlpApiKey"] = "key";
        with.Environment.EnvironmentName = "Development";
        with.AddProbe("listened", _folder).WithOtlpExporter();
        var environment = await with.RunProbeAsync("listened", _folder);

        environment["OTEL_EXPORTER_OTLP_ENDPOINT"].ShouldBe("http://localhost:18889");
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"].ShouldBe("grpc");
        environment["OTEL_EXPORTER_OTLP_HEADERS"].ShouldBe("x-otlp-api-key=key");
        environment["OTEL_SERVICE_NAME"].ShouldBe("listened");
        environment["OTEL_RESOURCE_ATTRIBUTES"].ShouldStartWith("service.instance.id=listened-");
        environment["OTEL_BSP_SCHEDULE_DELAY"].ShouldBe("1000");
        environment["OTEL_BLRP_SCHEDULE_DELAY"].ShouldBe("1000");
        environment["OTEL_METRIC_EXPORT_INTERVAL"].ShouldBe("1000");
        environment["OTEL_TRACES_SAMPLER"].ShouldBe("always_on");
        environment["OTEL_METRICS_EXEMPLAR_FILTER"].ShouldBe("trace_based");
    }

    [Fact]
    public async Task ReferenceGivesEndpointsToServiceDiscovery()
    {
        var builder = Applications.Create(_folder);
        var server = builder.AddResource(new ServiceResource("my-web")).WithArgs("1000").WithHttpEndpoint().WithHttpEndpoint(name: "admin");
        var second = builder.AddResource(new ServiceResource("second")).WithArgs("1000").WithHttpEndpoint();
        builder.AddProbe("probe", _folder)
            .WithReference(server.GetEndpoint("admin")).WithReference(server).WithReference(server, "again").WithReference(second, "other");

        var environment = await builder.RunProbeAsync("probe", _folder);

        var (http, admin, other) = (server.GetEndpoint("http").Url, server.GetEndpoint("admin").Url, second.GetEndpoint("http").Url);
        environment["services__my-web__http__0"].ShouldBe(http);
        environment["services__my-web__admin__0"].ShouldBe(admin);
        environment["services__other__http__0"].ShouldBe(other);
        environment["MY_WEB_HTTP"].ShouldBe(http);
        environment["MY_WEB_ADMIN"].ShouldBe(admin);
        environment["OTHER_HTTP"].ShouldBe(other);
        // Each endpoint is told once, under the first name.
        environment.Keys.ShouldNotContain(key => key.Contains("again") || key.EndsWith("__1"));
    }

    [Theory]
    [InlineData("DOTNET_ENVIRONMENT", "Production", "settings")]
    [InlineData("ASPIRE_ENVIRONMENT", "Development", "settings of development")]
    [InlineData("DOTNET_ENVIRONMENT", "Development", "secret", true)]
    [InlineData("ASPIRE_ENVIRONMENT", "Production", "command line", true, "--environment", "Development", "--greeting", "command line")]
    public async Task HostReadsSettingsSecretsAndCommandLine(
        string variable, string name, string expected, bool withSecrets = false, params string[] args)
    {
        if (withSecrets)
        {
            var secrets = Directory.CreateDirectory(_folder[".microsoft/usersecrets/sdaspire-sample"]);
            File.WriteAllText(Path.Combine(secrets.FullName, "secrets.json"), """{ "greeting": "secret" }""");
        }
        await using var host = ChildProcess.Start(
            "dotnet", [Repository.Program("SampleAppHost"), "--folder", _folder.Path, .. args], new Dictionary<string, string>
            {
                [variable] = name,
                ["HOME"] = _folder.Path,
            });

        (await EnvironmentOfFirstAsync()).ShouldContain($"GREETING={expected}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(false, "--operation", "run")]
    [InlineData(true, "--operation", "Publish", "--step", "publish")]
    [InlineData(true, "--publisher", "manifest", "--output-path", "x.json")]
    public void OperationIsReadAsAspireReadsIt(bool publishes, params string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

        builder.ExecutionContext.IsPublishMode.ShouldBe(publishes);
        if (args.Contains("--output-path")) builder.Configuration["Pipeline:OutputPath"].ShouldBe("x.json");
        Should.Throw<DistributedApplicationException>(() => DistributedApplication.CreateBuilder(["--operation", "dance"]))
            .Message.ShouldContain("Valid operations are 'publish' or 'run'.");
    }

    [Fact]
    public async Task WhatSpeaksOfTheHostIsNotInherited()
    {
        string[] names =
        [
            "ASPNETCORE_URLS", "DOTNET_ENVIRONMENT", "ASPNETCORE_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE",
            "ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN", "Parameters__password",
        ];
        await using var host = ChildProcess.Start(
            "dotnet",
            [Repository.Program("SampleAppHost"), "--folder", _folder.Path],
            names.ToDictionary(name => name, name => $"host-{name.Length}"));

        var environment = await EnvironmentOfFirstAsync();

        environment.ShouldContain(variable => variable.StartsWith("PATH=", StringComparison.Ordinal));
        foreach (var name in names) environment.ShouldNotContain(variable => variable.StartsWith($"{name}=", StringComparison.Ordinal));
    }

    private async Task<string[]> EnvironmentOfFirstAsync()
    {
        await Eventually.TrueAsync(() => File.Exists(_folder["first.pid"]) && File.ReadAllText(_folder["first.pid"]).EndsWith('\n'));
        return File.ReadAllText($"/proc/{File.ReadAllText(_folder["first.pid"]).Trim()}/environ").Split('\0');
    }

    private sealed class ServiceResource(string name) : ExecutableResource(name, "sleep", "/"), IResourceWithServiceDiscovery;
}
