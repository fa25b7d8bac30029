using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>Finds a model part's safetensors file and fills a module from it, name by name.</summary>
public static class WeightLoader
{
    /// <summary>The part's weights: <paramref name="stem"/> plain, else in the fp16 variant.</summary>
    /// <exception cref="ModelException">Neither is there.</exception>
    public static string Find(string directory, string stem)
    {
        var plain = Path.Combine(directory, stem + ".safetensors");
        var fp16 = Path.Combine(directory, stem + ".fp16.safetensors");
        return File.Exists(plain) ? plain : File.Exists(fp16) ? fp16 : throw new ModelException($"{plain}: the file is missing");
    }

    /// <summary>Copies every parameter of <paramref name="module"/> from the file, converting to the parameter's type.</summary>
    /// <exception cref="ModelException">A tensor is missing or has another shape; names the tensor, both shapes and the file.</exception>
    public static void Load(nn.Module module, string path)
    {
        using var file = new SafetensorsFile(path);
        using var noGradient = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            using var tensor = file.Read(name);
            if (!tensor.shape.SequenceEqual(parameter.shape))
            {
                throw new ModelException($"{path}: tensor '{name}' has shape [{string.Join(", ", tensor.shape)}], the configuration asks for [{string.Join(", ", parameter.shape)}]");
            }
            parameter.copy_(tensor);
        }
    }
}
