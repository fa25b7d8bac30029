using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>Fills a module name by name.</summary>
public static class WeightLoader
{
    /// <summary>Copies every parameter of <paramref name="module"/> from the file, converting to the parameter's type.</summary>
    /// <inheritdoc cref="Load(nn.Module, StateDict, Action{string, Tensor})"/>
    public static void Load(nn.Module module, string path)
    {
        using var weights = StateDict.Open(path);
        Load(module, weights);
    }

    /// <summary>Copies every parameter of <paramref name="module"/>, converting to the parameter's type.</summary>
    /// <param name="module">What to fill.</param>
    /// <param name="weights">Where from.</param>
    /// <param name="change">Called with each value before the parameter takes it, in single precision; may change it.</param>
    /// <exception cref="ModelException">A tensor is missing or has another shape; names the tensor, both shapes and the file.</exception>
    public static void Load(nn.Module module, StateDict weights, Action<string, Tensor>? change = null)
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            using var scope = NewDisposeScope();
            var tensor = weights.Read(name);
            // Older checkpoints keep linear layers as convolutions with a kernel of one.
            if (tensor.dim() > parameter.dim() && tensor.shape[(int)parameter.dim()..].All(d => d == 1))
            {
                tensor = tensor.reshape(tensor.shape[..(int)parameter.dim()]);
            }
            if (!tensor.shape.SequenceEqual(parameter.shape))
            {
                var (path, stored) = weights.Locate(name);
                throw new ModelException(
                    $"{path}: tensor '{stored}' has shape {Shape(tensor)}, the configuration asks for {Shape(parameter)}");
            }
            if (change is not null)
            {
                tensor = tensor.to(ScalarType.Float32);
                change(name, tensor);
            }
            parameter.copy_(tensor);
        }
    }

    internal static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
