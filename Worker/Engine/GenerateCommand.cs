using System.CommandLine;
using System.Globalization;
using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Engine;

/// <summary><c>Worker generate</c>: the engine alone, without queue and storage.</summary>
static class GenerateCommand
{
    public static Command Create(StopSignal stop)
    {
        var model = new Option<string>("--model")
        {
            Description = "The model's directory or its single .safetensors file.",
            Required = true,
        };
        var loras = new Option<Lora[]>("--lora")
        {
            Description = "PATH[:SCALE]: a LoRA to merge into the model, fully or SCALE times. May be given several times.",
            CustomParser = argument => [.. argument.Tokens.Select(token => ParseLora(token.Value))],
        };
        var autoencoder = new Option<string?>("--autoencoder")
        {
            Description = "The folder of an autoencoder to use instead of the model's, such as a tiny one.",
        };
        var prompt = new Option<string>("--prompt") { Description = "What to paint.", Required = true };
        var negative = new Option<string?>("--negative-prompt") { Description = "What to avoid." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps. Default: the model's." };
        var guidance = EngineOptions.Number<double?>("--guidance", null, "Guidance scale. Default: the model's.");
        var seed = new Option<long?>("--seed") { Description = "Same seed, same picture. Default: drawn." };
        var width = new Option<int?>("--width") { Description = "Pixels. Default: the model's." };
        var height = new Option<int?>("--height") { Description = "Pixels. Default: the model's." };
        var scheduler = new Option<string?>("--scheduler")
        {
            Description = "ddim, euler, … or diffusers' class name. Default: the model's.",
        };
        var engine = new EngineOptions();
        var output = new Option<string>("--out") { Description = "The PNG to write.", Required = true };

        var command = new Command("generate", "Paints one picture with the engine alone.")
        {
            model, loras, autoencoder, prompt, negative, steps, guidance, seed, width, height, scheduler, output,
        };
        foreach (var option in engine.All)
            command.Add(option);
        command.SetAction(async result =>
        {
            try
            {
                var directory = result.GetValue(model)!;
                var load = new LoadOptions { Loras = result.GetValue(loras) ?? [], Autoencoder = result.GetValue(autoencoder) };
                ModelFiles.Verify(directory, load);
                var profile = ModelProfile.Of(directory);
                var (image, apply) = engine.Read(result);
                var task = new GenerationTask
                {
                    Id = TaskId.New(TimeProvider.System),
                    CreatedAt = TimeProvider.System.GetUtcNow(),
                    Model = profile.Name,
                    Prompt = result.GetValue(prompt)!,
                    NegativePrompt = result.GetValue(negative),
                    Seed = result.GetValue(seed) ?? Seeds.Draw(),
                    Steps = result.GetValue(steps) ?? profile.DefaultSteps,
                    GuidanceScale = result.GetValue(guidance) ?? profile.DefaultGuidanceScale,
                    Scheduler = result.GetValue(scheduler) ?? profile.DefaultScheduler,
                    Width = result.GetValue(width) ?? image?.Width ?? profile.DefaultWidth,
                    Height = result.GetValue(height) ?? image?.Height ?? profile.DefaultHeight,
                };
                return stop.LastResort = await GenerateRun.RunAsync(
                    directory, load, profile, task, apply, Path.GetFullPath(result.GetValue(output)!), stop.Stopping);
            }
            catch (Exception exception) when (exception is ModelException or InvalidModelProfileException)
            {
                return GenerateRun.Refuse(exception.Message);
            }
        });
        return command;
    }

    // A path may hold colons of its own: only a number after the last one is a scale.
    private static Lora ParseLora(string text) =>
        text.LastIndexOf(':') is var colon and > 0
        && double.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var scale)
            ? new(text[..colon], scale)
            : new(text);
}
