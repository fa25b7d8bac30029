using System.CommandLine;
using System.Globalization;
using SdAspire.Keda.Settings;

namespace SdAspire.Scaler;

/// <summary><c>Scaler decide</c>: the decision of one poll, for people and scripts.</summary>
static class DecideCommand
{
    public static Command Create()
    {
        var ready = new Option<long>("--ready") { Description = "Messages that wait.", Required = true };
        var running = new Option<long>("--running") { Description = "Unfinished jobs, pending ones included.", Required = true };
        var pending = new Option<long>("--pending") { Description = "Jobs that have not taken a message yet.", Required = true };
        var strategy = new Option<string>("--strategy") { Description = "default, custom, accurate or eager.", Required = true };
        var max = new Option<int>("--max") { Description = "maxReplicaCount.", Required = true };
        var min = new Option<int>("--min") { Description = "minReplicaCount.", Required = true };
        var value = Number("--value", "Messages for each job.");
        value.Required = true;
        var activation = Number("--activation", "Active above this many messages.");
        var deduction = new Option<int?>("--deduction") { Description = "customScalingQueueLengthDeduction." };
        var percentage = Number("--percentage", "customScalingRunningJobPercentage, for example 0.5.");
        strategy.AcceptOnlyFromAmong("default", "custom", "accurate", "eager");

        var command = new Command("decide", "Prints how many jobs this poll would start.")
        {
            ready, running, pending, strategy, max, min, value, activation, deduction, percentage,
        };
        command.SetAction(result =>
        {
            var counts = new JobCounts(result.GetValue(ready), result.GetValue(running), result.GetValue(pending));
            var settings = new ScaledJobSettings
            {
                MaxReplicaCount = result.GetValue(max),
                MinReplicaCount = result.GetValue(min),
                Trigger = new() { Value = result.GetValue(value) ?? 0, ActivationValue = result.GetValue(activation) ?? 0 },
                ScalingStrategy = new()
                {
                    Strategy = Enum.Parse<ScalingStrategy>(result.GetValue(strategy)!, ignoreCase: true),
                    CustomScalingQueueLengthDeduction = result.GetValue(deduction),
                    CustomScalingRunningJobPercentage = result.GetValue(percentage),
                },
            };
            if ((Problem(counts) ?? settings.Problems().FirstOrDefault()) is { } problem)
                return CommandLine.Refuse(result.InvocationConfiguration.Error, problem);

            var jobs = ScalingDecision.JobsToStart(counts, settings);
            result.InvocationConfiguration.Output.WriteLine(jobs.ToString(CultureInfo.InvariantCulture));
            return CommandLine.Success;
        });
        return command;
    }

    // The usual conversion takes "0,5" for 5.
    private static Option<double?> Number(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = argument =>
        {
            if (double.TryParse(argument.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return number;
            argument.AddError($"'{argument.Tokens[0].Value}' is no number for {name}.");
            return null;
        },
    };

    private static string? Problem(JobCounts counts) =>
        counts is { Ready: >= 0, Running: >= 0, Pending: >= 0 } ? null : "Counts cannot be negative.";
}
