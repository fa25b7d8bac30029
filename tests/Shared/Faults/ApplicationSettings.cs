namespace SdAspire.Tests.Shared.Faults;

/// <summary>What a run of the application is given.</summary>
internal sealed record ApplicationSettings
{
    /// <summary>Holds all that it keeps, and its temporary files: a folder that is nobody else's.</summary>
    public required string Folder { get; init; }

    public string Model { get; init; } = Repository.TinyModel;

    /// <summary>Added to the environment of the AppHost, whose parts inherit it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The size of the storage's own file system, as <c>mount</c> takes it; null for a plain folder.</summary>
    public string? StorageSize { get; init; }

    public string Data => Path.Combine(Folder, "data");

    public string Temporary => Path.Combine(Folder, "tmp");
}
