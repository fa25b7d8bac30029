namespace SdAspire.Chart.Tests.Helm;

/// <summary>A chart for one test: its files by their paths.</summary>
sealed class TemporaryChart : IDisposable
{
    public TemporaryChart(params IEnumerable<(string Path, string Text)> files)
    {
        Write("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.2.3\nappVersion: \"4\"\n");
        Write("values.yaml", "");
        foreach (var (path, text) in files) Write(path, text);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("chart-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Write(string path, string text)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
