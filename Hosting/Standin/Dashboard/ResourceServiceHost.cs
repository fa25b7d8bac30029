using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Aspire.Hosting.Dashboard;

/// <summary>Serves what the dashboard asks about the resources: gRPC on this machine, for whoever has the key.</summary>
sealed class ResourceServiceHost(
    IConfiguration configuration,
    DistributedApplicationOptions options,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands) : IHostedService, IAsyncDisposable
{
    public const string Setting = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL";

    private const string ApiKeyHeader = "x-resource-service-api-key";

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task<WebApplication>? _start;
    private Task? _stop;

    /// <summary>Where the dashboard finds it.</summary>
    public async Task<string> GetUrlAsync(CancellationToken cancellationToken)
    {
        var start = _start ?? throw new InvalidOperationException("The resource service has not been started.");
        var app = await start.WaitAsync(cancellationToken).ConfigureAwait(false);
        return app.Urls.First();
    }

    // Nobody needs it at once: the resources start meanwhile.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _start = Task.Run(() => StartServerAsync(cancellationToken), cancellationToken);
        return Task.CompletedTask;
    }

    // An AppHost in a test is told to stop by the test and by itself.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _stop ??= StopAsync();
    }

    // An application that could not start is not stopped.
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_start is null) return;
        await ((Task)_start).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_start.IsCompletedSuccessfully) await _start.Result.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task<WebApplication> StartServerAsync(CancellationToken cancellationToken)
    {
        var address = configuration[Setting] is { Length: > 0 } url
            ? DashboardConfiguration.Address(configuration, options, Setting, url)
            : null;
        // Without the AppHost's own configuration: it speaks of the AppHost.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // Without encryption, nobody can negotiate the version.
            if (address is { Host: "localhost", Port: > 0 })
                kestrel.ListenLocalhost(address.Port, Configure);
            else
                kestrel.Listen(
                    IPAddress.TryParse(address?.Host, out var ip) ? ip : IPAddress.Loopback, address?.Port ?? 0, Configure);

            void Configure(ListenOptions listen)
            {
                listen.Protocols = HttpProtocols.Http2;
                if (address?.Scheme == Uri.UriSchemeHttps) listen.UseHttps();
            }
        });
        if (address?.Scheme == Uri.UriSchemeHttps) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new ResourceService(
            notifications, loggers, commands, configuration["AppHost:DashboardApplicationName"] ?? "", _stopping.Token));

        var app = builder.Build();
        app.Use(AuthenticateAsync);
        app.MapGrpcService<ResourceService>();
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        return app;
    }

    private async Task AuthenticateAsync(HttpContext context, RequestDelegate next)
    {
        if (Admits(context.Request.Headers[ApiKeyHeader]))
            await next(context).ConfigureAwait(false);
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    // Without a key, nobody has the right one.
    private bool Admits(StringValues header) =>
        DashboardConfiguration.IsResourceServiceUnsecured(configuration)
        || (configuration["AppHost:ResourceService:ApiKey"] is { Length: > 0 } key
            && header is [{ } given]
            && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(key)));

    // Hashed, so that comparing takes the same time for keys of all lengths.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
