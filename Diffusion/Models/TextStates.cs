using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// The text as cross-attention sees it. Keys and values, which each attention makes of it, are the same in every step: they are
/// made once.
/// </summary>
/// <param name="states">[batch, tokens, cross attention dim]; the caller's.</param>
public sealed class TextStates(Tensor states) : IDisposable
{
    readonly Dictionary<object, (Tensor Keys, Tensor Values)> _made = new(ReferenceEqualityComparer.Instance);

    internal (Tensor Keys, Tensor Values) For(object attention, Func<Tensor, Tensor> toKeys, Func<Tensor, Tensor> toValues)
    {
        if (!_made.TryGetValue(attention, out var made))
        {
            made = (toKeys(states).DetachFromDisposeScope(), toValues(states).DetachFromDisposeScope());
            _made.Add(attention, made);
        }
        return made;
    }

    public void Dispose()
    {
        foreach (var (keys, values) in _made.Values)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
