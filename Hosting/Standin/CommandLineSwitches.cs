namespace Aspire.Hosting;

/// <summary>Aspire's own arguments.</summary>
static class CommandLineSwitches
{
    /// <summary>What they are called in the configuration.</summary>
    public static readonly Dictionary<string, string> Settings = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--step"] = "Pipeline:Step",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--log-level"] = "Pipeline:LogLevel",
        ["--include-exception-details"] = "Pipeline:IncludeExceptionDetails",
        ["--clear-cache"] = "Pipeline:ClearCache",
    };

    private const string Environment = "--environment";

    /// <summary>
    /// Refuses one without a value, which the configuration would pass over: whoever wanted to publish would see it run.
    /// </summary>
    public static void Check(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var parts = args[i].Split('=', 2);
            if (!IsOne(parts[0])) continue;
            // A value follows the sign or is the next argument, which the configuration takes whatever it is.
            var value = parts.Length == 2 ? parts[1] : args.ElementAtOrDefault(++i);
            if (string.IsNullOrEmpty(value) || value.StartsWith("--", StringComparison.Ordinal))
                throw new DistributedApplicationException($"{parts[0]} has no value: write {parts[0]} VALUE, or leave it out.");
        }
    }

    private static bool IsOne(string name) =>
        Settings.Keys.Append(Environment).Contains(name, StringComparer.OrdinalIgnoreCase);
}
