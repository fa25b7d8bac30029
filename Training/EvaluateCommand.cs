using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SdAspire.Diffusion;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using SdAspire.Generation;
using SdAspire.Training.Data;
using SdAspire.Training.Evaluation;
using SdAspire.Training.Scenes;

namespace SdAspire.Training;

/// <summary><c>evaluate</c>: paints seen, recombined and free captions with a model and scores them.</summary>
public static class EvaluateCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var model = Required<DirectoryInfo>("--model", "The model's folder");
        var data = Required<DirectoryInfo>("--data", "Folder written by prepare");
        var recipe = new Option<FileInfo?>("--recipe") { Description = "Recipe with captions beside it (default: the model's)" };
        var output = Required<DirectoryInfo>("--out", "Folder for evaluation.json and the sheets");
        var steps = new Option<int?>("--steps") { Description = "Denoising steps (default: the model's)" };
        var guidance = new Option<double?>("--guidance") { Description = "Guidance scale (default: the model's)" };
        var scheduler = new Option<string?>("--scheduler") { Description = "Scheduler (default: the model's)" };
        var seed = new Option<long>("--seed") { Description = "Of the first picture", DefaultValueFactory = _ => 2026 };
        steps.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1000)
                result.AddError("--steps must be between 1 and 1000.");
        });
        var command = new Command("evaluate", "Paints seen, recombined and free captions with a model and scores them.")
        {
            model, data, recipe, output, steps, guidance, scheduler, seed,
        };
        command.SetAction((parsed, cancellationToken) => Task.Factory.StartNew(() =>
        {
            var directory = parsed.GetValue(model)!.FullName;
            var profile = Profile(directory);
            var settings = new PaintSettings(
                parsed.GetValue(steps) ?? profile.DefaultSteps, parsed.GetValue(guidance) ?? profile.DefaultGuidanceScale,
                parsed.GetValue(scheduler) ?? profile.DefaultScheduler, profile.DefaultWidth, profile.DefaultHeight, parsed.GetValue(seed));
            Run(directory, parsed.GetValue(recipe)?.FullName ?? Path.Combine(directory, "recipe.json"), parsed.GetValue(data)!.FullName,
                parsed.GetValue(output)!.FullName, settings, cancellationToken);
            return 0;
        }, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return command;
    }

    static Option<T> Required<T>(string name, string description) => new(name) { Description = description, Required = true };

    static void Run(
        string model, string recipeFile, string data, string output, PaintSettings settings, CancellationToken cancellationToken)
    {
        var recipe = Recipe.Load(recipeFile);
        var pictures = PictureSet.Load(data);
        var captions = CaptionList.Load(Path.Combine(Path.GetDirectoryName(recipeFile)!, recipe.Captions));
        if (pictures.Index.Size != settings.Width || pictures.Index.Size != settings.Height)
            throw new TrainingException($"{model} paints {settings.Width}x{settings.Height}, {data} has pictures of {pictures.Index.Size}.");
        using var pipeline = StableDiffusionPipeline.Load(model);
        using var vae = new AutoencoderKL(recipe.Vae);
        WeightLoader.Load(vae, Path.Combine(model, ModelWriter.VaeWeights));
        vae.eval();
        Directory.CreateDirectory(output);

        var evaluator = new Evaluator(
            pipeline, vae, settings, new SceneSampler(recipe.Scenes, captions, pictures), new Composer(pictures));
        var report = StageProgress.Run("painting", tell => evaluator.Run(
            Path.GetFileName(model), output, (done, of) => tell((double)done / of, null), cancellationToken));
        File.WriteAllText(Path.Combine(output, "evaluation.json"), JsonSerializer.Serialize(report, EvaluationJson.Default.EvaluationReport) + "\n");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Model}, {settings.Steps} steps of {settings.Scheduler}: seen {report.Seen.Rank1:p1} of {report.Seen.Count} at rank 1; "
            + $"recombined: background {report.Recombined.Background:p1}, things {report.Recombined.Things:p1}, "
            + $"colours {report.Recombined.Colours:p1}, all right {report.Recombined.All:p1}; "
            + $"diversity {report.Diversity:f3}; {report.SecondsPerPicture:f3} s a picture"));
    }

    static ModelProfile Profile(string directory)
    {
        try
        {
            return ModelProfile.Of(directory);
        }
        catch (InvalidModelProfileException fault)
        {
            throw new TrainingException(fault.Message, fault);
        }
    }
}
