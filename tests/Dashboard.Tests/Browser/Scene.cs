using Google.Protobuf.WellKnownTypes;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Dashboard.Tests.Browser;

/// <summary>An application as its AppHost would describe it, with some that mean no good.</summary>
internal static class Scene
{
    public const string Secret = "s3cr3t-Pa55w0rd-of-the-broker";
    public const string HostileName = "<script>alert('name')</script>\"&'";
    public const string HostileLine =
        "<img src=x onerror=\"alert('line')\"> \e]0;owned\a\e[2J\e[31mred\e[0m \e]8;;javascript:alert(1)\e\\click\e]8;;\e\\ "
        + "</script><script>alert(2)</script>";

    private static readonly Timestamp Start = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow - TimeSpan.FromMinutes(12));

    public static void Fill(ResourceServer server)
    {
        server.Set(Make("messaging", "Executable", "Running", healthy: true,
            ("executable.path", "/usr/lib/rabbitmq/bin/rabbitmq-server"),
            urls: [("amqp", "amqp://127.0.0.1:34567")],
            environment: [("RABBITMQ_DEFAULT_USER", "guest"), ("RABBITMQ_DEFAULT_PASS", Secret)]));
        server.Set(Make("storage", "Project", "Running", healthy: true,
            ("project.path", "/src/SdAspire/ObjectStore/ObjectStore.csproj"),
            urls: [("http", "http://127.0.0.1:9000")]));
        var webui = Make("webui", "Project", "Running", healthy: true, ("project.path", "/src/SdAspire/WebUi/WebUi.csproj"),
            urls: [("http", "http://localhost:8080")],
            environment:
            [
                ("ASPNETCORE_URLS", "http://127.0.0.1:41234"),
                ("ConnectionStrings__messaging", $"amqp://guest:{Secret}@127.0.0.1:34567"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:18889"),
                ("OTEL_SERVICE_NAME", "webui"),
            ]);
        webui.Commands.Add(new ResourceCommand { Name = "clear", DisplayName = "Clear the gallery",
            ConfirmationMessage = "All pictures will be forgotten. Go on?" });
        webui.Commands.Add(new ResourceCommand { Name = "fail", DisplayName = "Fail", DisplayDescription = "Always fails" });
        server.Set(webui);
        server.Set(Make("scaler", "Project", "Running", healthy: true, ("project.path", "/src/SdAspire/Scaler/Scaler.csproj"),
            urls: [("http", "http://127.0.0.1:41235")]));
        server.Set(Worker("worker-k2m8x", "Running"));
        server.Set(Worker("worker-p7q4d", "Running"));
        server.Set(Worker("worker-z9a1c", "Exited", exitCode: 1));
        server.Set(Make("worker", "Project", "NotStarted", healthy: false,
            ("project.path", "/src/SdAspire/Worker/Worker.csproj")));
        var slow = Make("indexer", "Project", "Running", healthy: false,
            ("project.path", "/src/SdAspire/Indexer/Indexer.csproj"));
        slow.HealthReports.Add(new HealthReport { Key = "indexer_http", Status = HealthStatus.Unhealthy,
            Description = "Connection refused (127.0.0.1:41236)" });
        server.Set(slow);
        var failed = Make("thumbnails", "Executable", "FailedToStart", healthy: false,
            ("executable.path", "/opt/tools/thumbnails"));
        failed.StateStyle = "error";
        server.Set(failed);
        server.Set(Make("hostile", "Executable", "Running", healthy: true,
            ("executable.path", "/tmp/\"><script>alert('path')</script>"),
            displayName: HostileName, urls: [("bad", "javascript:alert('url')")],
            environment: [("QUOTE", "\"'><script>alert('env')</script>")]));

        server.Write("webui", ConsoleLines());
        server.Write("hostile", HostileLine, "plain");
        server.Write("worker-k2m8x", "Loading models/fluent-small-64 …", "\e[36mstep 3/20\e[0m");
    }

    public static Resource Worker(string name, string state, int? exitCode = null)
    {
        var worker = Make(name, "Executable", state, healthy: state == "Running",
            ("executable.path", "/src/SdAspire/artifacts/bin/Worker/debug/Worker"));
        worker.Properties.Add(Property("resource.parentName", "Parent", "scaler"));
        worker.Relationships.Add(new ResourceRelationship { ResourceName = "scaler", Type = "Parent" });
        if (exitCode is { } code)
        {
            worker.Properties.Add(Property("resource.exitCode", "Exit code",
                code.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            worker.StateStyle = code == 0 ? "" : "error";
        }
        return worker;
    }

    public static Resource Make(
        string name, string type, string state, bool healthy, (string Name, string Value) source, string? displayName = null,
        (string Name, string Url)[]? urls = null, (string Name, string Value)[]? environment = null)
    {
        var resource = new Resource
        {
            Name = name, DisplayName = displayName ?? name, ResourceType = type, Uid = name, State = state,
            CreatedAt = Start, StateStyle = state == "Running" ? "success" : "",
        };
        if (state is not ("NotStarted" or "FailedToStart"))
            resource.StartedAt = Start;
        resource.Properties.Add(Property(source.Name, source.Name == "project.path" ? "Project path" : "Executable path",
            source.Value));
        if (state == "Running")
            resource.Properties.Add(Property("executable.pid", "Process ID", "4711"));
        if (healthy)
            resource.HealthReports.Add(new HealthReport { Key = $"{name}_check", Status = HealthStatus.Healthy,
                Description = "Answers" });
        foreach (var (urlName, url) in urls ?? [])
        {
            resource.Urls.Add(new Url
            {
                EndpointName = urlName, FullUrl = url, DisplayProperties = new UrlDisplayProperties { DisplayName = "" },
            });
        }
        foreach (var (variable, value) in environment ?? [])
            resource.Environment.Add(new EnvironmentVariable { Name = variable, Value = value, IsFromSpec = true });
        resource.Environment.Add(new EnvironmentVariable { Name = "PATH", Value = "/usr/local/bin:/usr/bin:/bin" });
        var isRunning = state == "Running";
        resource.Commands.Add(Command("start", "Start", "Play", !isRunning));
        resource.Commands.Add(Command("stop", "Stop", "Stop", isRunning));
        resource.Commands.Add(Command("restart", "Restart", "ArrowCounterclockwise", isRunning));
        return resource;
    }

    private static ResourceCommand Command(string name, string displayName, string icon, bool enabled) => new()
    {
        Name = name, DisplayName = displayName, IconName = icon, IsHighlighted = true,
        State = enabled ? ResourceCommandState.Enabled : name == "start" ? ResourceCommandState.Hidden
            : ResourceCommandState.Disabled,
    };

    private static ResourceProperty Property(string name, string displayName, string value) =>
        new() { Name = name, DisplayName = displayName, Value = Value.ForString(value) };

    private static IEnumerable<string> ConsoleLines()
    {
        yield return "2026-11-23T16:00:00.123Z \e[40m\e[32minfo\e[39m\e[22m\e[49m: Microsoft.Hosting.Lifetime[14]";
        yield return "2026-11-23T16:00:00.124Z       Now listening on: http://127.0.0.1:41234";
        for (var i = 1; i <= 400; i++)
        {
            var time = $"2026-11-23T16:00:{i % 60:00}.500Z";
            yield return (i % 40) switch
            {
                0 => $"{time} \e[1m\e[31mfail\e[0m: WebUi.Gallery[7] storage did not answer in time (attempt {i / 40})",
                20 => $"error: a line on standard error, number {i}",
                10 => $"{time} \e[33mwarn\e[39m: slow answer, see https://learn.microsoft.com/aspnet/core/?n={i}. "
                    + "\e[38;5;208m256 colours\e[0m \e[38;2;120;200;80mtrue colour\e[0m \e[4munderlined\e[24m",
                _ => $"{time} \e[32minfo\e[39m: WebUi.Api[{i}] Request finished HTTP/1.1 POST "
                    + $"http://localhost:8080/api/generations - 202 - application/json {i * 3 % 97}.{i % 10} ms",
            };
        }
    }
}
