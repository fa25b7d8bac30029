using SdAspire.Diffusion.Weights;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>An exponential moving average of a module's parameters: it paints better than the last step does.</summary>
public sealed class MovingAverage : IDisposable
{
    readonly nn.Module _module;
    readonly double _decay;
    readonly Dictionary<string, Tensor> _average;

    public MovingAverage(nn.Module module, double decay)
    {
        (_module, _decay) = (module, decay);
        _average = module.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Averages over few steps at first, so that the random start is soon forgotten.</summary>
    public void Update(int step)
    {
        using var noGradient = no_grad();
        var weight = 1 - Math.Min(_decay, (1.0 + step) / (10.0 + step));
        foreach (var (name, parameter) in _module.named_parameters())
            _average[name].lerp_(parameter, weight);
    }

    /// <summary>Puts the average in the module's place until disposed.</summary>
    public IDisposable Swap()
    {
        Exchange();
        return new Restore(this);
    }

    public void Save(string path) => SafetensorsWriter.Write(path, _average);

    public void Load(string path)
    {
        using var file = new SafetensorsFile(path);
        foreach (var (name, tensor) in _average)
        {
            using var saved = file.Read(name);
            tensor.copy_(saved);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _average.Values)
            tensor.Dispose();
    }

    void Exchange()
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in _module.named_parameters())
        {
            using var held = parameter.detach().clone();
            parameter.copy_(_average[name]);
            _average[name].copy_(held);
        }
    }

    sealed class Restore(MovingAverage average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
