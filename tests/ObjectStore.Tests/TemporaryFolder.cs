namespace SdAspire.ObjectStore.Tests;

/// <summary>An empty folder that goes with the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sdaspire-store-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
