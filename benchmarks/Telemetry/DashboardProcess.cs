using System.CommandLine;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SdAspire.Hosting.Dashboard;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Bench.Telemetry;

/// <summary>
/// The dashboard in a process of its own, with its own limits, asked once a second for what its page of traces shows. At its end
/// it tells what arrived. It ends with whoever started it.
/// </summary>
internal static class DashboardProcess
{
    public const string Name = "telemetry-dashboard";

    public static Command Create()
    {
        var command = new Command(Name) { Hidden = true };
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var app = await DashboardApp.BuildAsync();
        var store = app.Services.GetRequiredService<TelemetryStore>();
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        await app.StartAsync(cancellationToken);
        _ = Task.Run(() =>
        {
            while (Console.In.Read() >= 0) { }
            lifetime.StopApplication();
        }, CancellationToken.None);

        // A trace is kept for many seconds, so each is seen here before it makes room, and grows while its spans arrive.
        var spans = new Dictionary<string, int>();
        var kept = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
                Look();
        }
        catch (OperationCanceledException)
        {
            Look();
        }
        await app.StopAsync(CancellationToken.None);
        var count = new DashboardCount(spans.Values.Sum(n => (long)n), spans.Count, kept);
        Console.WriteLine(JsonSerializer.Serialize(count, LineJson.Default.DashboardCount));
        return 0;

        void Look()
        {
            var traces = store.Traces(new TraceQuery { Count = int.MaxValue });
            kept = traces.TotalCount;
            foreach (var trace in traces.Items)
                spans[trace.TraceId] = trace.SpanCount;
        }
    }
}
