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
        string model, LoadOptions load, ModelProfile profile, GenerationTask task,
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
        if (Settings(ref load, out var threads) is { } problem)
            return Refuse(problem);

        using var painter = new Painter();
        var began = Stopwatch.GetTimestamp();
        try
        {
            await painter.WarmUpAsync(load.Device, threads).WaitAsync(stopping);
            await painter.LoadAsync(model, load).WaitAsync(stopping);
            var request = apply(task.Request(0));
            foreach (var warning in painter.Warnings(request))
                Console.Error.WriteLine($"warning: {warning}");
            if (profile.UnknownWords(task.Prompt) is [_, ..] unknown)
                Console.Error.WriteLine($"warning: the model does not know: {string.Join(", ", unknown)}");
            var pictures = await StepProgressBar.ShowAsync(
                task.Steps, progress => painter.PaintAsync([request], progress, stopping));
            if (pictures[0].IsWithheld)
                Console.Error.WriteLine("warning: the model's safety checker withholds the picture: it is black");
            // Aside and renamed: a picture is there whole or not at all.
            await File.WriteAllBytesAsync(
                output + ".part", PngParameters.Write(pictures[0].Bytes, task, n: 0), CancellationToken.None);
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

    /// <summary>Device, precision, threads and the safety checker come from the same variables as the service's.</summary>
    private static string? Settings(ref LoadOptions load, out int threads)
    {
        var device = Environment.GetEnvironmentVariable("Worker__Device") ?? nameof(DeviceChoice.Auto);
        var precision = Environment.GetEnvironmentVariable("Worker__Precision") ?? nameof(Precision.Auto);
        var threadsText = Environment.GetEnvironmentVariable("Worker__Threads");
        var checker = Environment.GetEnvironmentVariable("Worker__SafetyChecker") ?? bool.TrueString;
        threads = 0;
        if (!Enum.TryParse<DeviceChoice>(device, ignoreCase: true, out var onDevice))
            return $"Worker__Device is '{device}', it must be auto, cpu or cuda.";
        if (!Enum.TryParse<Precision>(precision, ignoreCase: true, out var inPrecision))
            return $"Worker__Precision is '{precision}', it must be auto, float32, bfloat16 or float16.";
        if (threadsText is not null && !(int.TryParse(threadsText, out threads) && threads >= 0))
            return $"Worker__Threads is '{threadsText}', it must be a number from 0.";
        if (!bool.TryParse(checker, out var checksSafety))
            return $"Worker__SafetyChecker is '{checker}', it must be true or false.";
        load = load with { Device = onDevice, Precision = inPrecision, SafetyChecker = checksSafety };
        return null;
    }
}
