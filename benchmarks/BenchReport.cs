using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace SdAspire.Bench;

/// <summary>What a bench found: a table for people, JSON for comparisons.</summary>
internal static class BenchReport
{
    public static void Write<T>(string name, T result, JsonTypeInfo<T> type, IEnumerable<(string What, string Measured)> rows)
    {
        var table = new Table().AddColumn(name).AddColumn(new TableColumn("measured").RightAligned());
        foreach (var (what, measured) in rows)
            table.AddRow(Markup.Escape(what), Markup.Escape(measured));
        AnsiConsole.Write(table);

        var path = Path.Combine("artifacts", "bench", $"{name}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(result, type) + "\n");
        Console.WriteLine(path);
    }
}
