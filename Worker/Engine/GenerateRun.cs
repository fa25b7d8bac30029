using System.Diagnostics;
using SdAspire.Diffusion;
using SdAspire.Generation;
using SdAspire.Worker.Jobs;

namespace SdAspire.Worker.Engine;

static class GenerateRun
{
    private static readonly Dictionary<string, string> OptionNames = new()
    {
        ["negativePrompt"] = "--negative-prompt",
        ["guidanceScale"] = "--guidance",
    };

    public static async Task<int> RunAsync(
        string model, IReadOnlyList<Lora> loras, ModelProfile profile, GenerationTask task,
        Func<TextToImageRequest, TextToImageRequest> apply, string output, CancellationToken stopping)
    {
        if (GenerationRules.Check(task, profile).FirstOrDefault() is { Key: { } field, Value: [var fault, ..] })
        {
            var option = OptionNames.GetValueOrDefault(field, $"--{field}");
            return Refuse(fault.Replace($"The field {field} ", $"{option} ", StringComparison.Ordinal));
        }
        if (!SchedulerNames.IsKnown(task.Scheduler))
            return Refuse($"--scheduler is not known; known are {string.Join(", ", SchedulerNames.Known)}.");
        if (!Directory.Exists(Path.GetDirectoryName(output)))
            return Refuse($"--out: there is no folder {Path.GetDirectoryName(output)}.");
        if (Settings(out var device, out var threads) is { } problem)
            return Refuse(problem);

        using var painter = new Painter();
        var began = Stopwatch.GetTimestamp();
        try
        {
            await painter.WarmUpAsync(device, threads).WaitAsync(stopping);
            await painter.LoadAsync(model, device, loras).WaitAsync(stopping);
            var request = apply(task.Request(0));
            foreach (var warning in painter.Warnings(request))
                Console.Error.WriteLine($"warning: {warning}");
            var pictures = await StepProgressBar.ShowAsync(
                task.Steps, progress => painter.PaintAsync([request], progress, stopping));
            // Aside and renamed: a picture is there whole or not at all.
            await File.WriteAllBytesAsync(output + ".part", pictures[0], CancellationToken.None);
            File.Move(output + ".part", output, overwrite: true);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            if (!painter.IsIdle)
                NativeProcess.ExitNow(ExitCode.Interrupted);
            return ExitCode.Interrupted;
        }
        // The engine throws what libtorch throws, out of memory for one; a person gets one line, not a stack.
        catch (Exception exception)
        {
            return Refuse(exception.Message);
        }
        Console.Error.WriteLine(
            $"{output}: {task.Width} × {task.Height}, {task.Steps} steps, seed {task.Seed}, "
            + $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        return ExitCode.Done;
    }

    public static int Refuse(string problem)
    {
        Console.Error.WriteLine(problem.ReplaceLineEndings(" "));
        return ExitCode.Configuration;
    }

    /// <summary>Device and threads come from the same variables as the service's.</summary>
    private static string? Settings(out DeviceChoice device, out int threads)
    {
        var deviceText = Environment.GetEnvironmentVariable("Worker__Device");
        var threadsText = Environment.GetEnvironmentVariable("Worker__Threads");
        (device, threads) = (DeviceChoice.Auto, 0);
        if (deviceText is not null && !Enum.TryParse(deviceText, ignoreCase: true, out device))
            return $"Worker__Device is '{deviceText}', it must be auto, cpu or cuda.";
        if (threadsText is not null && !(int.TryParse(threadsText, out threads) && threads >= 0))
            return $"Worker__Threads is '{threadsText}', it must be a number from 0.";
        return null;
    }
}
