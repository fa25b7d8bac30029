using System.Globalization;
using System.Text.RegularExpressions;

namespace SdAspire.WebUi.Tests;

/// <summary>What Prometheus reads: its text format, sample by sample.</summary>
internal sealed partial class Scrape
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
                continue;
            var sample = Sample().Match(line);
            sample.Success.ShouldBeTrue($"This is no sample: {line}");
            _samples.Add(
                Key(sample.Groups["name"].Value, [.. Label().Matches(sample.Groups["labels"].Value).Select(label => label.Value)]),
                double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
        }
    }

    public string Text { get; }

    public IEnumerable<string> Samples => _samples.Keys;

    public static async Task<Scrape> OfAsync(Uri address)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(address, "/metrics"));
        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Content.Headers.ContentType!.ToString().ShouldStartWith("text/plain; version=0.0.4");
        return new Scrape(await answer.Content.ReadAsStringAsync());
    }

    /// <param name="labels">As <c>model="little"</c>.</param>
    public double? Find(string name, params string[] labels) =>
        _samples.TryGetValue(Key(name, labels), out var value) ? value : null;

    private static string Key(string name, string[] labels) =>
        $"{name}{{{string.Join(',', labels.Order(StringComparer.Ordinal))}}}";

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \d+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Label();
}
