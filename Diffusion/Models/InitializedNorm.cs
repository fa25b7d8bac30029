using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

static class InitializedNorm
{
    /// <summary>A group norm that begins as the identity: TorchSharp 0.107 leaves its weight and bias uninitialised.</summary>
    public static GroupNorm GroupNorm(int groups, int channels, double eps)
    {
        var norm = nn.GroupNorm(groups, channels, eps);
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }
}
