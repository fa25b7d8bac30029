using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>A linear map of the last dimension, with TorchSharp's names; its values are to be loaded.</summary>
sealed class Linear : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight;
    internal readonly Parameter? bias;

    public Linear(int inFeatures, int outFeatures, bool hasBias = true) : base(nameof(Linear))
    {
        weight = new Parameter(empty(outFeatures, inFeatures));
        bias = hasBias ? new Parameter(empty(outFeatures)) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => nn.functional.linear(x, weight, bias);
}
