using System.CommandLine;
using System.Globalization;
using SdAspire.Diffusion;
using SdAspire.Training.Data;
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
        var threads = new Option<int>("--threads") { Description = "Threads of libtorch; small tensors gain nothing from a second", DefaultValueFactory = _ => 1 };
        var command = new Command("train", "Trains the autoencoder, then UNet and text encoder, and writes the model.") { recipe, data, work, threads };
        command.SetAction((parsed, cancellationToken) => Task.Factory.StartNew(
            () => Run(parsed.GetValue(recipe)!, parsed.GetValue(data)!.FullName, parsed.GetValue(work)!.FullName, parsed.GetValue(threads), cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return command;
    }

    static int Run(FileInfo recipeFile, string data, string work, int threads, CancellationToken cancellationToken)
    {
        set_num_threads(threads);
        var directory = recipeFile.DirectoryName!;
        var recipe = Recipe.Load(recipeFile.FullName);
        var captions = CaptionList.Load(Path.Combine(directory, recipe.Captions));
        var pictures = PictureSet.Load(data);
        var located = captions.Locate(pictures).Select(c => c.Picture).ToList();

        using var vae = new VaeStage(recipe, pictures, located);
        var vaeTime = vae.Run(work, cancellationToken);
        using var denoiser = new DenoiserStage(recipe, vae, ClipTokenizer.FromDirectory(Path.Combine(directory, "tokenizer")), captions);
        var denoiserTime = denoiser.Run(work, cancellationToken);

        ModelWriter.Write(directory, recipe, vae, denoiser);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{recipe.Name}: autoencoder {vaeTime:hh\\:mm\\:ss}, {vae.Psnr:f1} dB; denoiser {denoiserTime:hh\\:mm\\:ss}; scaling factor {denoiser.ScalingFactor}; written to {directory}"));
        return 0;
    }
}
