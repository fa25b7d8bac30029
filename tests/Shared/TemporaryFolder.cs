using System.Diagnostics;

namespace SdAspire.Tests.Shared;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public string Path { get; } = Directory.CreateTempSubdirectory("sdaspire-test-").FullName;

    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Copies a folder's files into it, those that are wanted.</summary>
    /// <param name="name">What the copy is called.</param>
    /// <returns>Its path.</returns>
    public string Copy(string source, string name, Func<string, bool>? wanted = null)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(wanted ?? (_ => true)))
        {
            var copy = this[name, System.IO.Path.GetRelativePath(source, file)];
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return this[name];
    }

    public void Dispose()
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            // A process that dies with its parent may still write its last.
            catch (IOException) when (Stopwatch.GetElapsedTime(began) < Patience)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
