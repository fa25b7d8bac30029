using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>The text of a run as cross-attention sees it, which makes keys and values of it.</summary>
/// <param name="states">[batch, tokens, cross attention dim]; the caller's.</param>
public sealed class TextStates(Tensor states) : IDisposable
{
    readonly MadeOnce _made = new();

    /// <returns>[batch, tokens, channels]; not the caller's.</returns>
    internal Tensor Through(Linear projection) => _made.By(projection, () => projection.call(states));

    public void Dispose() => _made.Dispose();
}
