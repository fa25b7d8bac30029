using Aspire.Hosting;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>
/// The folder of a chart while it is published. Without its <c>Chart.yaml</c> it is no chart: that file has another name until
/// everything else is there, so that what failed halfway cannot be installed.
/// </summary>
static class ChartFolder
{
    private const string Templates = "templates";
    private const string Marker = "Chart.yaml";
    private const string Incomplete = Marker + ".incomplete";

    /// <summary>Makes the folder ready to be published to.</summary>
    public static void Begin(string folder)
    {
        Clear(folder);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Incomplete), "");
    }

    /// <summary>
    /// Removes what an earlier chart would leave in this one: its templates and its schema. What else is there stays.
    /// </summary>
    /// <exception cref="DistributedApplicationException">There are templates, but no chart that they are of.</exception>
    public static void Clear(string folder)
    {
        if (!Directory.Exists(folder)) return;
        var templates = Path.Combine(folder, Templates);
        string[] markers = [Path.Combine(folder, Marker), Path.Combine(folder, Incomplete)];
        if (!markers.Any(File.Exists))
            if (Directory.Exists(templates) && Directory.EnumerateFileSystemEntries(templates).Any())
                throw new DistributedApplicationException(
                    $"'{templates}' has files, but there is no Chart.yaml beside it: publish to another folder, or remove it.");
            else return;
        foreach (var marker in markers) File.Delete(marker);
        File.Delete(Path.Combine(folder, HelmChart.SchemaFile));
        if (Directory.Exists(templates)) Directory.Delete(templates, recursive: true);
    }

    /// <summary>Makes it no chart for now.</summary>
    public static void Hold(string folder) =>
        File.Move(Path.Combine(folder, Marker), Path.Combine(folder, Incomplete), overwrite: true);

    /// <summary>Makes it a chart.</summary>
    public static void Release(string folder) => File.Move(Path.Combine(folder, Incomplete), Path.Combine(folder, Marker));
}
