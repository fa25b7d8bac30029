using Microsoft.Extensions.Options;

namespace SdAspire.Scaler;

sealed class ScalerOptionsValidator : IValidateOptions<ScalerOptions>
{
    public ValidateOptionsResult Validate(string? name, ScalerOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(ScalerOptions options)
    {
        foreach (var problem in options.Problems())
            yield return $"Scaler: {problem}";
        foreach (var problem in options.Gpu.Problems())
            yield return $"Scaler:Gpu: {problem}";
        if (options.PricePerHour is { } price && !(double.IsFinite(price) && price >= 0))
            yield return $"Scaler: pricePerHour {price} must be a number that is not negative.";
        // KEDA lets this pass and then runs up to twice the maximum.
        if (options.MinReplicaCount > options.MaxReplicaCount)
            yield return $"Scaler: minReplicaCount {options.MinReplicaCount} is above maxReplicaCount {options.MaxReplicaCount}.";
        if (options.Backoff <= TimeSpan.Zero || options.MaxBackoff < options.Backoff)
            yield return $"Scaler: backoff {options.Backoff} must be above zero and at most maxBackoff {options.MaxBackoff}.";
        if (options.StopTimeout < TimeSpan.Zero)
            yield return $"Scaler: stopTimeout {options.StopTimeout} cannot be negative.";
        if (string.IsNullOrWhiteSpace(options.Job.Command))
            yield return "Scaler:Job:Command is missing: the executable or .dll of the worker.";
        else if (options.Job.Command.Contains('/') && !File.Exists(options.Job.Command))
            yield return $"Scaler:Job:Command: there is no file {options.Job.Command}.";
    }
}
