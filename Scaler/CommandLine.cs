using System.CommandLine;

namespace SdAspire.Scaler;

static class CommandLine
{
    public const int Success = 0;
    public const int BadInput = 2;

    public static async Task<int> RunAsync(string[] args, Func<string[], Task<int>> service)
    {
        var root = new RootCommand("Starts one worker process for each waiting message, as KEDA's ScaledJob does in a cluster.")
        {
            DecideCommand.Create(),
        };
        // Host options (--urls, --Scaler:maxReplicaCount …) are the configuration's own.
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction(_ => service(args));

        var result = root.Parse(args);
        if (result.Errors is [var error, ..])
            return Refuse(Console.Error, error.Message);
        if (result.CommandResult.Command != root && result.UnmatchedTokens is [var unknown, ..])
            return Refuse(Console.Error, $"'{unknown}' is not known here.");
        // The host handles SIGTERM itself and takes the time that workers need.
        return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    public static int Refuse(TextWriter output, string problem)
    {
        output.WriteLine(problem.ReplaceLineEndings(" ").Replace('\t', ' '));
        return BadInput;
    }
}
