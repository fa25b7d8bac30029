namespace SdAspire.Tests.Shared.Faults;

/// <summary>Something that goes wrong, and what the application is given for it.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Times">How often it is done, if there is time for that before everything is painted.</param>
/// <param name="InjectAsync">Does it, while prompts arrive and are painted.</param>
internal sealed record Fault(string Name, int Times, Func<FaultRun, Task> InjectAsync)
{
    /// <summary>Steps of each picture: where the painting has to last for a while, more.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>Messages for each worker process.</summary>
    public int MaxTasks { get; init; } = 8;

    /// <summary>Workers at once.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How long the application runs before the first prompt.</summary>
    public TimeSpan Settling { get; init; }

    /// <summary>After how long without any change it has ended: longer than any pause of a part before it tries again.</summary>
    public TimeSpan Standstill { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>Its storage is behind a <see cref="StorageProxy"/>.</summary>
    public bool ThroughProxy { get; init; }

    /// <summary>Its storage has a file system of its own, so large.</summary>
    public string? StorageSize { get; init; }

    /// <summary>It has a copy of the model that can be taken away.</summary>
    public bool OwnModel { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
