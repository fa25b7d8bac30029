using System.Diagnostics;
using SdAspire.Hosting.Keda;

namespace SdAspire.AppHost;

/// <summary>Asks the worker whether a model is whole: otherwise every worker would end the same way, and nothing would be painted.</summary>
static class ModelCheck
{
    /// <exception cref="InvalidModelException">Something is wrong with the model.</exception>
    public static async Task RunAsync(string model)
    {
        using var worker = Process.Start(new ProcessStartInfo("dotnet", [ProjectOutput.Of<Projects.Worker>(), "verify", "--model", model])
        {
            RedirectStandardError = true,
        })!;
        var problem = await worker.StandardError.ReadToEndAsync();
        await worker.WaitForExitAsync();
        if (worker.ExitCode != 0) throw new InvalidModelException(problem.Trim());
    }
}

/// <summary>The model is not whole; the message names the file.</summary>
sealed class InvalidModelException(string message) : Exception(message);
