using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SdAspire.Hosting.Tests;

/// <summary>What most tests do with an application.</summary>
static class Applications
{
    public static IDistributedApplicationBuilder Create(TemporaryFolder folder)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        builder.Configuration["Aspire:Store:Path"] = folder["store"];
        return builder;
    }

    /// <summary>A program that writes its environment to a file and then runs on.</summary>
    public static IResourceBuilder<ExecutableResource> AddProbe(this IDistributedApplicationBuilder builder, string name, TemporaryFolder folder) =>
        builder.AddExecutable(name, "bash", folder.Path, "-c", $"env >{name}.new && mv {name}.new {name}.env && exec sleep 1000");

    /// <summary>Runs the application until the probe has written its environment.</summary>
    public static async Task<Dictionary<string, string>> RunProbeAsync(this IDistributedApplicationBuilder builder, string name, TemporaryFolder folder)
    {
        await using var app = builder.Build();
        await app.StartAsync();
        var file = folder[$"{name}.env"];
        await Eventually.TrueAsync(() => File.Exists(file));
        await app.StopAsync();
        return File.ReadLines(file).Where(l => l.Contains('=')).Select(l => l.Split('=', 2))
            .DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1]);
    }

    /// <summary>What a resource has said, and what was said of it.</summary>
    public static async Task<List<string>> LinesAsync(this DistributedApplication app, string resource)
    {
        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource))
            lines.AddRange(batch.Select(l => l.Content));
        return lines;
    }

    /// <summary>Runs an application that cannot run well, and says why.</summary>
    public static async Task<string> RunToFailureAsync(this IDistributedApplicationBuilder builder)
    {
        await using var app = builder.Build();
        using var late = new CancellationTokenSource(Eventually.Generous);
        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.RunAsync(late.Token));
        failure.Message.ShouldNotContain('\n');
        return failure.Message;
    }
}

/// <summary>A resource with a connection string, as an integration would bring it.</summary>
sealed class DatabaseResource(string name, ParameterResource password)
    : ExecutableResource(name, "sleep", "/"), IResourceWithConnectionString
{
    public EndpointReference Endpoint => new(this, "tcp");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"db://user:{password:uri}@{Endpoint.Property(EndpointProperty.HostAndPort)}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Port)}")),
        new("Password", ReferenceExpression.Create($"{password}")),
    ];
}
