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
/// A stage's weights, moving average and optimizer on disk. A checkpoint is a folder that appears by rename: whenever the process
/// is killed, a whole one is there, this one or the one before.
/// </summary>
public sealed class Checkpoint(string directory)
{
    const string Weights = "weights.safetensors", Average = "average.safetensors", Optimizer = "optimizer.bin", State = "state.json";

    string Before => directory + ".old";

    /// <summary>Null when the stage has not begun.</summary>
    public CheckpointState? Load(nn.Module module, MovingAverage average, OptimizerHelper? optimizer)
    {
        // Killed between the two renames of Save, only the one before is left.
        if (!Directory.Exists(directory) && Directory.Exists(Before))
            Directory.Move(Before, directory);
        if (!File.Exists(Path.Combine(directory, State)))
            return null;
        WeightLoader.Load(module, Path.Combine(directory, Weights));
        average.Load(Path.Combine(directory, Average));
        optimizer?.load_state_dict(Path.Combine(directory, Optimizer));
        return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(directory, State)), RecipeJson.Default.CheckpointState);
    }

    public void Save(nn.Module module, MovingAverage average, OptimizerHelper optimizer, CheckpointState state)
    {
        var aside = directory + ".new";
        Delete(aside);
        Directory.CreateDirectory(aside);
        SafetensorsWriter.Write(Path.Combine(aside, Weights), module.named_parameters().Select(p => new KeyValuePair<string, Tensor>(p.name, p.parameter)));
        average.Save(Path.Combine(aside, Average));
        optimizer.save_state_dict(Path.Combine(aside, Optimizer));
        File.WriteAllBytes(Path.Combine(aside, State), JsonSerializer.SerializeToUtf8Bytes(state, RecipeJson.Default.CheckpointState));
        Delete(Before);
        if (Directory.Exists(directory))
            Directory.Move(directory, Before);
        Directory.Move(aside, directory);
        Delete(Before);
    }

    static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
