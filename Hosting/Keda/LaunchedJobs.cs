using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SdAspire.Hosting.Keda;

/// <summary>Shows the jobs that a launcher starts as its children, with their logs, while they run.</summary>
sealed partial class LaunchedJobs(
    IResourceWithEndpoints launcher, ResourceNotificationService notifications, ResourceLoggerService loggers, TimeProvider time)
    : BackgroundService
{
    private const string Active = "running";
    private const string ParentName = "resource.parentName";
    private const string ProcessId = "executable.pid";

    private static readonly TimeSpan ReconnectPeriod = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, JobResource> _jobs = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The stream has no end of its own, and .NET would send requests to this machine through http_proxy, too.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var running = await notifications.WaitForResourceAsync(
                    launcher.Name, e => e.Snapshot.State?.Text == KnownResourceStates.Running, stoppingToken).ConfigureAwait(false);
                var url = new Uri(new Uri(launcher.GetEndpoint("http").Url), "/jobs/events");
                using var stream = await client.GetStreamAsync(url, stoppingToken).ConfigureAwait(false);
                await foreach (var item in SseParser.Create(stream).EnumerateAsync(stoppingToken).ConfigureAwait(false))
                    await ApplyAsync(item, running.ResourceId).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // It is not up yet, or gone, and its jobs with it.
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                LogNotUnderstood(loggers.GetLogger(launcher), e.Message);
            }
            foreach (var job in _jobs.Values.ToList()) await HideAsync(job, null).ConfigureAwait(false);
            await Task.Delay(ReconnectPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ApplyAsync(SseItem<string> item, string launcherId)
    {
        using var data = JsonDocument.Parse(item.Data);
        switch (item.EventType)
        {
            case "jobs":
                foreach (var job in data.RootElement.EnumerateArray()) await ShowAsync(job, launcherId).ConfigureAwait(false);
                break;
            case "job":
                await ShowAsync(data.RootElement, launcherId).ConfigureAwait(false);
                break;
            case "line" when _jobs.TryGetValue(data.RootElement.GetProperty("name").GetString()!, out var job):
                Write(job, data.RootElement);
                break;
        }
    }

    private async Task ShowAsync(JsonElement job, string launcherId)
    {
        var name = job.GetProperty("name").GetString()!;
        if (!_jobs.TryGetValue(name, out var resource)) resource = _jobs[name] = new JobResource(name);
        var state = job.GetProperty("state").GetString()!;
        if (state is not ("pending" or Active))
        {
            await HideAsync(resource, job.GetProperty("exitCode").GetInt32()).ConfigureAwait(false);
            return;
        }
        await notifications.PublishUpdateAsync(resource, s => s with
        {
            ResourceType = "Job",
            // Pending as Kubernetes says it of a pod: it is there, and not at work yet.
            State = state == Active ? KnownResourceStates.Running : new ResourceStateSnapshot("Pending", KnownResourceStateStyles.Info),
            StartTimeStamp = job.GetProperty("startedAt").GetDateTime(),
            Properties =
            [
                new ResourcePropertySnapshot(ParentName, launcherId),
                new ResourcePropertySnapshot(ProcessId, job.GetProperty("processId").GetInt32()),
            ],
            Relationships = [new RelationshipSnapshot(launcher.Name, "Parent")],
        }).ConfigureAwait(false);
    }

    private async Task HideAsync(JobResource job, int? exitCode)
    {
        _jobs.Remove(job.Name);
        await notifications.PublishUpdateAsync(job, s => s with
        {
            State = KnownResourceStates.Exited,
            ExitCode = exitCode,
            StopTimeStamp = time.GetUtcNow().UtcDateTime,
            IsHidden = true,
        }).ConfigureAwait(false);
        loggers.Complete(job);
    }

    private void Write(JobResource job, JsonElement line)
    {
        var text = line.GetProperty("text").GetString();
        var level = line.GetProperty("isError").GetBoolean() ? LogLevel.Error : LogLevel.Information;
        // The line as it is: it may hold braces.
        loggers.GetLogger(job).Log(level, default, text, null, static (state, _) => state ?? "");
    }

    [LoggerMessage(LogLevel.Warning, "What the launcher says of its jobs is not understood: {Reason}")]
    private static partial void LogNotUnderstood(ILogger logger, string reason);

    /// <summary>A job that runs; it is not part of the model, since the launcher starts and ends it.</summary>
    private sealed class JobResource(string name) : Resource(name);
}

static class LaunchedJobsExtensions
{
    public static void ShowJobsOf(this IDistributedApplicationBuilder builder, IResourceWithEndpoints launcher)
    {
        if (!builder.ExecutionContext.IsRunMode) return;
        builder.Services.AddSingleton<IHostedService>(services => new LaunchedJobs(
            launcher,
            services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ResourceLoggerService>(),
            services.GetService<TimeProvider>() ?? TimeProvider.System));
    }
}
