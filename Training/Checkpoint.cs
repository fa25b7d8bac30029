using System.Text.Json;
using SdAspire.Diffusion.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>How far a stage has come.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Seconds">Wall time spent on them.</param>
public sealed record CheckpointState(int Step, double Seconds);

/// <summary>
/// A stage's weights, moving average and optimizer on disk. A checkpoint is a folder that appears by rename, so a kill at any
/// moment leaves the last whole one.
/// </summary>
public sealed class Checkpoint(string directory)
{
    const string Weights = "weights.safetensors", Average = "average.safetensors", Optimizer = "optimizer.bin", State = "state.json";

    /// <summary>Null when the stage has not begun.</summary>
    public CheckpointState? Load(nn.Module module, MovingAverage average, OptimizerHelper? optimizer)
    {
        if (!File.Exists(Path.Combine(directory, State)))
            return null;
        WeightLoader.Load(module, Path.Combine(directory, Weights));
        average.Load(Path.Combine(directory, Average));
        optimizer?.load_state_dict(Path.Combine(directory, Optimizer));
        return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(directory, State)), RecipeJson.Default.CheckpointState);
    }

    public void Save(nn.Module module, MovingAverage average, OptimizerHelper optimizer, CheckpointState state)
    {
        var (aside, old) = (directory + ".new", directory + ".old");
        Delete(aside);
        Directory.CreateDirectory(aside);
        SafetensorsWriter.Write(Path.Combine(aside, Weights), module.named_parameters().Select(p => new KeyValuePair<string, Tensor>(p.name, p.parameter)));
        average.Save(Path.Combine(aside, Average));
        optimizer.save_state_dict(Path.Combine(aside, Optimizer));
        File.WriteAllBytes(Path.Combine(aside, State), JsonSerializer.SerializeToUtf8Bytes(state, RecipeJson.Default.CheckpointState));
        Delete(old);
        if (Directory.Exists(directory))
            Directory.Move(directory, old);
        Directory.Move(aside, directory);
        Delete(old);
    }

    static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
