using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using SdAspire.Tests.Shared.Faults;

namespace SdAspire.Bench.Faults;

/// <summary>
/// Does everything that can go wrong to the application while prompts arrive and are painted, and counts afterwards. The JSON
/// keeps what earlier runs showed of the faults that this one leaves out.
/// </summary>
internal static class FaultsBench
{
    private const int TableWidth = 200;

    private static string Folder => Path.Combine("artifacts", "bench", "faults");

    private static string File => Path.Combine("artifacts", "bench", "faults.json");

    public static Command Create()
    {
        var prompts = new Option<int>("--prompts") { Description = "Sent for each fault.", DefaultValueFactory = _ => 100 };
        prompts.Validators.Add(result =>
        {
            if (result.GetValue(prompts) < 10) result.AddError("--prompts must be at least 10.");
        });
        var only = new Option<string[]>("--only")
        {
            Description = "These faults alone.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [],
        };
        only.AcceptOnlyFromAmong([.. FaultCatalog.All.Select(fault => fault.Name)]);
        var command = new Command("faults", "What becomes of accepted prompts when parts die, hang or refuse.") { prompts, only };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(prompts), parsed.GetValue(only) ?? [], cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int prompts, string[] only, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        var results = new List<FaultResult>();
        foreach (var fault in FaultCatalog.All.Where(fault => only.Length == 0 || only.Contains(fault.Name)))
        {
            Console.Error.Write($"{fault.Name} … ");
            var result = await FaultRunner.RunAsync(fault, prompts, Path.Combine(Folder, $"{fault.Name}.log"), cancellationToken);
            Console.Error.WriteLine($"{result.Seconds.ToString(CultureInfo.InvariantCulture)} s: {result.Verdict}");
            results.Add(result);
            await KeepAsync(result, cancellationToken);
        }
        AnsiConsole.Profile.Width = TableWidth;
        AnsiConsole.Write(Table(results));
        Console.WriteLine(File);
        return results.All(result => result.IsGood) ? 0 : 1;
    }

    private static Table Table(IEnumerable<FaultResult> results)
    {
        var table = new Table().AddColumn("fault");
        string[] columns = ["times", "hit", "accepted", "unanswered", "painted", "dead", "lost", "duplicated", "torn"];
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("verdict");
        foreach (var result in results)
        {
            int[] counts =
            [
                result.Times, result.Right, result.Accepted, result.Unanswered, result.Painted, result.Dead, result.Lost,
                result.Duplicated, result.Torn,
            ];
            table.AddRow(
            [
                Markup.Escape(result.Fault), .. counts.Select(n => n.ToString(CultureInfo.InvariantCulture)),
                Markup.Escape(result.Verdict),
            ]);
        }
        return table;
    }

    private static async Task KeepAsync(FaultResult result, CancellationToken cancellationToken)
    {
        var kept = System.IO.File.Exists(File) ? await System.IO.File.ReadAllTextAsync(File, cancellationToken) : "[]";
        var others = JsonSerializer.Deserialize(kept, FaultsJson.Default.FaultResultArray)!
            .Where(other => other.Fault != result.Fault);
        var order = FaultCatalog.All.Select(fault => fault.Name).ToList();
        FaultResult[] all = [.. others.Append(result).OrderBy(one => order.IndexOf(one.Fault))];
        await System.IO.File.WriteAllTextAsync(
            File, JsonSerializer.Serialize(all, FaultsJson.Default.FaultResultArray) + "\n", cancellationToken);
    }
}
