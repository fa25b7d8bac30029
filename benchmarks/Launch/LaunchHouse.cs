using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Bench.Launch;

/// <summary>Broker, storage and launcher in processes of their own, with workers that paint with the model that ships.</summary>
internal sealed class LaunchHouse : IAsyncDisposable
{
    private readonly PrivateBroker _broker;
    private readonly PrivateStore _store;
    private readonly ChildProcess _launcher;
    private readonly IHost _host;

    private LaunchHouse(PrivateBroker broker, PrivateStore store, ChildProcess launcher, IHost host, Uri jobs)
    {
        (_broker, _store, _launcher, _host) = (broker, store, launcher, host);
        Jobs = new JobFollower(jobs);
    }

    public JobFollower Jobs { get; }

    public TaskPublisher Publisher => _host.Services.GetRequiredService<TaskPublisher>();

    public EventSubscriber Events => _host.Services.GetRequiredService<EventSubscriber>();

    public BrokerConnection Broker => _host.Services.GetRequiredService<BrokerConnection>();

    public IObjectStore Storage => _host.Services.GetRequiredService<IObjectStore>();

    /// <summary>Processor seconds of the launcher itself, and of its workers that have ended.</summary>
    public (double Launcher, double Workers) ProcessorSeconds => ProcessTimes.Of(_launcher.Id);

    public static async Task<LaunchHouse> StartAsync(LaunchSettings settings)
    {
        var broker = new PrivateBroker();
        var store = new PrivateStore();
        try
        {
            await Task.WhenAll(broker.StartAsync(), store.StartAsync());
            var launcher = ChildProcess.Start("dotnet", [Repository.Program("Scaler")], Environment(broker, store, settings));
            var address = await launcher.WaitForLineAsync(
                line => line.Contains("Now listening on: ", StringComparison.Ordinal), Eventually.Generous);
            await launcher.WaitForLineAsync(line => line.Contains("Watching the queue", StringComparison.Ordinal), Eventually.Generous);
            return new LaunchHouse(broker, store, launcher, Client(broker, store), new Uri(address[address.IndexOf("http", StringComparison.Ordinal)..].Trim()));
        }
        catch
        {
            await broker.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Jobs.DisposeAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _launcher.DisposeAsync();
        await _store.DisposeAsync();
        await _broker.DisposeAsync();
    }

    // As the AppHost sets them.
    private static Dictionary<string, string> Environment(PrivateBroker broker, PrivateStore store, LaunchSettings settings)
    {
        const string OfJob = "Scaler__Job__Environment__";
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Scaler__maxReplicaCount"] = Text(settings.Slots),
            ["Scaler__pollingInterval"] = Text(settings.PollingInterval),
            ["Scaler__successfulJobsHistoryLimit"] = "0",
            ["Scaler__Job__Command"] = settings.Worker,
            [OfJob + "ConnectionStrings__messaging"] = broker.ConnectionString,
            [OfJob + "ConnectionStrings__storage"] = store.ConnectionString,
            [OfJob + "Worker__Model"] = settings.Model,
            [OfJob + "Worker__Threads"] = Text(settings.Threads),
            [OfJob + "OMP_NUM_THREADS"] = Text(settings.Threads),
            [OfJob + "OMP_WAIT_POLICY"] = "PASSIVE",
            [OfJob + "Logging__LogLevel__SdAspire.Worker"] = "Debug",
        };
        if (settings.Lingers)
            (environment[OfJob + "Worker__MaxTasks"], environment[OfJob + "Worker__IdleSeconds"]) = ("0", "2");
        return environment;
    }

    private static IHost Client(PrivateBroker broker, PrivateStore store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "bench" });
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:messaging", broker.ConnectionString), new("ConnectionStrings:storage", store.ConnectionString)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddGeneration();
        return builder.Build();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How the launcher is set.</summary>
/// <param name="Worker">The worker's program.</param>
/// <param name="Model">The model's directory.</param>
/// <param name="Slots"><c>maxReplicaCount</c>.</param>
/// <param name="Threads">Of each worker's engine.</param>
/// <param name="PollingInterval">In seconds.</param>
/// <param name="Lingers">Whether a worker takes further messages; otherwise it takes one.</param>
internal sealed record LaunchSettings(string Worker, string Model, int Slots, int Threads, int PollingInterval, bool Lingers);
