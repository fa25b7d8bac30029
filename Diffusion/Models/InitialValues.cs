using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// PyTorch's initial values, for a network that is to be trained. Layers begin with whatever memory held: to draw a billion numbers
/// that are then loaded takes longer than to load them.
/// </summary>
public static class InitialValues
{
    /// <returns>The network.</returns>
    public static T WithInitialValues<T>(this T network) where T : nn.Module
    {
        foreach (var layer in network.modules().Prepend(network))
        {
            switch (layer)
            {
                case Linear linear:
                    Draw(linear.weight, linear.bias);
                    break;
                case Convolution2D convolution:
                    Draw(convolution.weight, convolution.bias);
                    break;
                case Embedding embedding:
                    nn.init.normal_(embedding.weight);
                    break;
                case GroupNorm norm:
                    nn.init.ones_(norm.weight);
                    nn.init.zeros_(norm.bias!);
                    break;
            }
        }
        return network;
    }

    // He et al. 2015, arXiv:1502.01852, with the slope that PyTorch takes: the same bound for weight and bias.
    static void Draw(Parameter weight, Parameter? bias)
    {
        var bound = 1 / Math.Sqrt((double)weight.numel() / weight.shape[0]);
        nn.init.uniform_(weight, -bound, bound);
        if (bias is not null)
        {
            nn.init.uniform_(bias, -bound, bound);
        }
    }
}
