using System.CommandLine;
using System.Globalization;
using SdAspire.Diffusion;
using SdAspire.Training.Data;
using SdAspire.Training.Scenes;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary><c>train</c>: from prepared pictures and a recipe to a model in diffusers' layout, beside the recipe.</summary>
public static class TrainCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var recipe = new Option<FileInfo>("--recipe") { Description = "The recipe, in the model's folder", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder written by prepare", Required = true };
        var work = new Option<DirectoryInfo>("--work") { Description = "Folder for checkpoints and sample sheets; a run resumes from it", Required = true };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of libtorch; small tensors gain nothing from a second",
            DefaultValueFactory = _ => 1,
        };
        var export = new Option<bool>("--export")
        {
            Description = "Writes the model as far as it is, without training; of a copy of --work while another process trains in it",
        };
        var command = new Command("train", "Trains the autoencoder, then UNet and text encoder, and writes the model.")
        {
            recipe, data, work, threads, export,
        };
        command.SetAction((parsed, cancellationToken) => Task.Factory.StartNew(
            () =>
            {
                set_num_threads(parsed.GetValue(threads));
                var (file, folders) = (parsed.GetValue(recipe)!, (parsed.GetValue(data)!.FullName, parsed.GetValue(work)!.FullName));
                Run(file, folders, parsed.GetValue(export), cancellationToken);
                return 0;
            },
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return command;
    }

    static void Run(FileInfo recipeFile, (string Data, string Work) folders, bool export, CancellationToken cancellationToken)
    {
        var directory = recipeFile.DirectoryName!;
        var recipe = Recipe.Load(recipeFile.FullName);
        if (export)
            recipe = recipe with { TrainVae = recipe.TrainVae with { Steps = 0 }, TrainDenoiser = recipe.TrainDenoiser with { Steps = 0 } };
        var captions = CaptionList.Load(Path.Combine(directory, recipe.Captions));
        var pictures = PictureSet.Load(folders.Data);
        var scenes = new SceneSource(new SceneSampler(recipe.Scenes, captions, pictures), new Composer(pictures));
        var start = recipe.Start is null ? null : Path.GetFullPath(recipe.Start, directory);

        using var vae = new VaeStage(recipe, scenes, start);
        var vaeTime = vae.Run(folders.Work, cancellationToken);
        var tokenizer = ClipTokenizer.FromDirectory(Path.Combine(directory, recipe.Tokenizer ?? "tokenizer"));
        using var denoiser = new DenoiserStage(recipe, vae, tokenizer, scenes, start);
        var denoiserTime = denoiser.Run(folders.Work, cancellationToken);

        ModelWriter.Write(directory, recipe, vae, denoiser, scenes.Sampler.Words());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{recipe.Name}: autoencoder {vaeTime:hh\\:mm\\:ss}, {vae.Psnr:f1} dB; denoiser {denoiserTime:hh\\:mm\\:ss}; "
            + $"scaling factor {denoiser.ScalingFactor}; written to {directory}"));
    }
}
