using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>What layers make of what is the same in every step of a run: each makes it once, and it stays until the run is over.</summary>
sealed class MadeOnce : IDisposable
{
    readonly Dictionary<object, Tensor> _made = new(ReferenceEqualityComparer.Instance);

    public Tensor By(object layer, Func<Tensor> make)
    {
        if (!_made.TryGetValue(layer, out var made))
        {
            _made.Add(layer, made = make().DetachFromDisposeScope());
        }
        return made;
    }

    public void Dispose()
    {
        foreach (var made in _made.Values)
        {
            made.Dispose();
        }
    }
}
