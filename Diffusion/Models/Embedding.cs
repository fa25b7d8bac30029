using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>A vector for each of some numbers, with TorchSharp's names; its values are to be loaded.</summary>
sealed class Embedding : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight;

    public Embedding(int count, int dimensions) : base(nameof(Embedding))
    {
        weight = new Parameter(empty(count, dimensions));
        RegisterComponents();
    }

    public override Tensor forward(Tensor numbers) => weight.index(TensorIndex.Tensor(numbers));
}
