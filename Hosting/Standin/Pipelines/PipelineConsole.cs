using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What is said while the application is published, and how it ends when it cannot be.</summary>
static class PipelineConsole
{
    /// <summary>One line for each thing that is said, from the level that <c>--log-level</c> names.</summary>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Aspire.Hosting", Level(configuration["Pipeline:LogLevel"]));
    }

    /// <summary>
    /// An AppHost need not catch what goes wrong: it is told in one line, and the exit code says so. (Aspire itself ends with 0.)
    /// </summary>
    public static void TellUnhandled(object sender, UnhandledExceptionEventArgs unhandled)
    {
        if (unhandled.ExceptionObject is not DistributedApplicationException e) return;
        Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
        Environment.Exit(1);
    }

    private static LogLevel Level(string? name) => name switch
    {
        null or "" => LogLevel.Information,
        _ when Enum.TryParse<LogLevel>(name, ignoreCase: true, out var level) && Enum.IsDefined(level) => level,
        _ => throw new DistributedApplicationException(
            $"There is no log level '{name}'. The levels are: {string.Join(", ", Enum.GetNames<LogLevel>())}."),
    };
}
