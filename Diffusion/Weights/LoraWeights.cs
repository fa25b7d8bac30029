using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>
/// An opened LoRA (Hu et al. 2021, arXiv:2106.09685): for some of the model's layers a product of two narrow matrices that is
/// added to the weight. Merged at load, a picture costs what it costs without.
/// </summary>
public sealed class LoraWeights : IDisposable
{
    readonly Lora _lora;
    readonly SafetensorsFile _file;
    readonly Dictionary<(string Part, string Module), Layer> _layers = [];
    readonly HashSet<(string Part, string Module)> _merged = [];

    /// <exception cref="ModelException">
    /// The file is missing or malformed, or has tensors that belong to no LoRA of a known kind.
    /// </exception>
    public LoraWeights(Lora lora)
    {
        _lora = lora;
        if (!double.IsFinite(lora.Scale))
        {
            throw new ModelException($"{lora.Path}: the scale {lora.Scale} is no finite number");
        }
        _file = new SafetensorsFile(lora.Path);
        try
        {
            foreach (var name in _file.Entries.Keys)
            {
                var key = LoraNames.Parse(name)
                    ?? throw new ModelException($"{lora.Path}: tensor '{name}' is of no supported kind of LoRA");
                var layer = _layers.GetValueOrDefault((key.Part, key.Module));
                _layers[(key.Part, key.Module)] = key.Role switch
                {
                    LoraRole.Down => layer with { Down = name },
                    LoraRole.Up => layer with { Up = name },
                    _ => layer with { Alpha = name },
                };
            }
            foreach (var layer in _layers.Values)
            {
                if (layer is { Down: null } or { Up: null })
                {
                    throw new ModelException(
                        $"{lora.Path}: tensor '{layer.Down ?? layer.Up ?? layer.Alpha}' lacks its counterpart");
                }
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>W' = W + scale × alpha / rank × up · down, where the LoRA has something for this parameter.</summary>
    /// <param name="part">unet, text_encoder or text_encoder_2.</param>
    /// <param name="name">The parameter's name in the part.</param>
    /// <param name="otherName">Its name in the original code base, which LoRAs may use instead.</param>
    /// <param name="parameter">W, changed in place.</param>
    /// <exception cref="ModelException">The shapes do not fit; names the tensor, both shapes and the file.</exception>
    public void MergeInto(string part, string name, string? otherName, Tensor parameter)
    {
        const string weight = ".weight";
        if (!name.EndsWith(weight, StringComparison.Ordinal))
        {
            return;
        }
        var key = (part, LoraNames.Underscored(name[..^weight.Length]));
        if (!_layers.TryGetValue(key, out var layer))
        {
            if (otherName is null)
            {
                return;
            }
            key = (part, LoraNames.Underscored(otherName[..^weight.Length]));
            if (!_layers.TryGetValue(key, out layer))
            {
                return;
            }
        }
        _merged.Add(key);
        using var scope = NewDisposeScope();
        var down = Matrix(layer.Down!);
        var up = Matrix(layer.Up!);
        var rank = down.shape[0];
        if (rank == 0 || up.shape[1] != rank
            || up.shape[0] != parameter.shape[0] || down.shape[1] != parameter.numel() / parameter.shape[0])
        {
            throw new ModelException(
                $"{_file.Path}: tensors '{layer.Up}' {Stored(layer.Up!)} and '{layer.Down}' {Stored(layer.Down!)} "
                + $"do not fit the model's '{name}' {WeightLoader.Shape(parameter)}");
        }
        var alpha = layer.Alpha is null ? rank : Number(layer.Alpha);
        var change = up.matmul(down) * (_lora.Scale * alpha / rank);
        parameter.add_(change.reshape(parameter.shape).to(parameter));
    }

    /// <summary>Refuses a LoRA with layers that were merged into none of the model's.</summary>
    /// <exception cref="ModelException">Names the file and such a tensor: the LoRA is for another model.</exception>
    public void VerifyAllMerged()
    {
        var left = _layers.Where(layer => !_merged.Contains(layer.Key)).Select(layer => layer.Value.Down!).ToList();
        if (left.Count > 0)
        {
            throw new ModelException(
                $"{_file.Path}: tensor '{left.Min(StringComparer.Ordinal)}' belongs to no layer of the model "
                + $"({left.Count} of the LoRA's {_layers.Count} do not)");
        }
    }

    public void Dispose() => _file.Dispose();

    // Convolutions of a kernel are matrices over all places of the kernel.
    Tensor Matrix(string name)
    {
        var tensor = _file.Read(name).to(ScalarType.Float32);
        return tensor.dim() >= 2
            ? tensor.flatten(1)
            : throw new ModelException($"{_file.Path}: tensor '{name}' {Stored(name)} is no matrix");
    }

    double Number(string name)
    {
        using var tensor = _file.Read(name).to(ScalarType.Float64);
        return tensor.numel() == 1 && double.IsFinite(tensor.item<double>())
            ? tensor.item<double>()
            : throw new ModelException($"{_file.Path}: tensor '{name}' {Stored(name)} is no number");
    }

    string Stored(string name) => $"[{string.Join(", ", _file.Entries[name].Shape)}]";

    readonly record struct Layer(string? Down, string? Up, string? Alpha);
}
