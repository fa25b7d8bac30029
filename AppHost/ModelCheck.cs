using System.Diagnostics;
using SdAspire.Hosting.Keda;

namespace SdAspire.AppHost;

/// <summary>Asks the worker whether a model is whole: otherwise every worker would end the same way, and nothing would be painted.</summary>
static class ModelCheck
{
    /// <exception cref="InvalidModelException">Something is wrong with the model.</exception>
    /// <exception cref="DistributedApplicationException">The worker is not built.</exception>
    public static async Task RunAsync(string model, CancellationToken cancellationToken)
    {
        var program = ProjectOutput.Of<Projects.Worker>();
        if (!File.Exists(program))
            throw new DistributedApplicationException(
                $"Resource 'worker' failed to start: {new Projects.Worker().ProjectPath} is not built: run 'dotnet build' on the AppHost");
        using var worker = Process.Start(new ProcessStartInfo(DotnetHost.Path, [program, "verify", "--model", model])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var ended = cancellationToken.Register(() => worker.Kill(entireProcessTree: true));
        var output = worker.StandardOutput.ReadToEndAsync(cancellationToken);
        var problem = await worker.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await worker.WaitForExitAsync(cancellationToken);
        if (worker.ExitCode != 0) throw new InvalidModelException(problem.Trim());
    }
}

/// <summary>The model is not whole; the message names the file.</summary>
sealed class InvalidModelException(string message) : Exception(message);
