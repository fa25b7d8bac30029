using System.Runtime.CompilerServices;

namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>Whether the AppHost is there.</summary>
public enum FeedState
{
    /// <summary>This dashboard was started without an AppHost: it shows telemetry alone.</summary>
    NotConfigured,

    /// <summary>Not yet, or not any more; it is tried again.</summary>
    Connecting,

    /// <summary>Resources are live.</summary>
    Connected,

    /// <summary>The AppHost refuses this dashboard's key.</summary>
    Refused,
}

/// <summary>The AppHost's resources, live. Safe for many threads; a list that was read does not change any more.</summary>
public sealed class ResourceFeed
{
    /// <summary>Whether the AppHost is there.</summary>
    public FeedState State => FeedState.NotConfigured;

    /// <summary>The application's name; empty until it is known.</summary>
    public string ApplicationName => "";

    /// <summary>All resources, hidden ones too, by display name. What was last known stays while the AppHost is away.</summary>
    public IReadOnlyList<ResourceInfo> Resources => [];

    /// <summary>Calls back after the state or a resource has changed, on any thread, until disposed.</summary>
    public IDisposable Subscribe(Action changed) => throw new NotSupportedException();

    /// <summary>
    /// A resource's console from its first kept line on, in batches, going on until cancelled, across a lost connection too.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> ConsoleAsync(
        string resourceName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        yield break;
    }

    /// <summary>Runs a command of a resource. A failure is an answer, not an exception.</summary>
    public Task<CommandResult> ExecuteAsync(
        string resourceName, string commandName, CancellationToken cancellationToken = default) =>
        Task.FromResult(new CommandResult(CommandOutcome.Failed, "There is no AppHost."));
}
