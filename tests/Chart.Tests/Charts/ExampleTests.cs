namespace SdAspire.Chart.Tests.Charts;

/// <summary>docs/kubernetes/example.yaml is what the chart gives with its default values.</summary>
public sealed class ExampleTests(PublishedChart published) : IClassFixture<PublishedChart>
{
    private const string Rewrite = "SD_WRITE_EXAMPLE";

    private const string Placeholders = """
        secrets:
          messaging: {messaging_password: PASSWORD-OF-THE-BROKER}
          storage: {storage_rootPassword: PASSWORD-OF-THE-STORAGE}
          webui: {webui_api_key: THE-KEY-OF-THE-API, webui_password: PASSWORD-OF-THE-PAGE}
        """;

    private static readonly string Path = System.IO.Path.Combine(Repository.Root, "docs", "kubernetes", "example.yaml");

    [Fact]
    public async Task The_example_is_what_the_chart_gives()
    {
        var rendered = Head + published.Chart.Render(PublishedChart.Release, Placeholders).Print();
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            await File.WriteAllTextAsync(Path, rendered);
        }

        var example = File.Exists(Path) ? await File.ReadAllTextAsync(Path) : "";

        // Line by line: a difference of the whole would fill pages.
        var (lines, expected) = (example.Split('\n'), rendered.Split('\n'));
        var first = Enumerable.Range(0, Math.Max(lines.Length, expected.Length)).FirstOrDefault(i => At(lines, i) != At(expected, i), -1);
        (first < 0 ? "" : $"line {first + 1}: '{At(lines, first)}' and not '{At(expected, first)}'")
            .ShouldBe("", $"{Path} is not up to date: {Rewrite}=1 ./test Chart writes it anew.");

        static string? At(string[] lines, int i) => i < lines.Length ? lines[i] : null;
    }

    private static string Head =>
        "# What Kubernetes is given by the chart's default values, as `helm template demo CHART --namespace pictures` prints it,\n"
        + "# with words for the passwords. Written by a test: SD_WRITE_EXAMPLE=1 ./test Chart\n";
}
