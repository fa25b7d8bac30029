using SdAspire.Diffusion;
using TorchSharp;

namespace SdAspire.Worker.Engine;

/// <summary>A picture as it is stored.</summary>
/// <param name="IsWithheld">The model's safety checker has blackened it.</param>
public sealed record PaintedPng(byte[] Bytes, bool IsWithheld);

/// <summary>The engine with its model, on its thread.</summary>
public sealed class Painter : IDisposable
{
    private readonly EngineThread _thread = new();
    private StableDiffusionPipeline? _pipeline;
    private UnusableEngineException? _unusable;

    /// <summary>Whether the engine's thread has ended all work, also work that was given up by a cancellation.</summary>
    public bool IsIdle => _thread.IsIdle;

    public bool IsLoaded => _pipeline is not null;

    /// <summary>What is computed on, once the engine is warm: <c>cpu</c> or <c>cuda</c>.</summary>
    public string? Device { get; private set; }

    /// <summary>
    /// Loads the native libraries and looks for the device, which takes a part of a second that others can use.
    /// </summary>
    /// <exception cref="UnusableEngineException">There is no such device, or the libraries do not load.</exception>
    public Task WarmUpAsync(DeviceChoice device, int threads) => _thread.RunAsync(() =>
    {
        try
        {
            if (threads > 0)
                torch.set_num_threads(threads);
            using var first = torch.zeros(1);
            var cuda = device != DeviceChoice.Cpu && torch.cuda.is_available();
            if (device == DeviceChoice.Cuda && !cuda)
                throw new InvalidOperationException("no CUDA device is available");
            Device = cuda ? "cuda" : "cpu";
            return true;
        }
        // TorchSharp wraps what the loader says in several layers, the innermost of which names the library.
        catch (Exception exception)
        {
            _unusable = new($"The engine cannot be used: {exception.GetBaseException().Message}", exception);
            throw _unusable;
        }
    });

    /// <exception cref="UnusableEngineException">
    /// The engine did not warm up, or the model cannot be loaded; the message names the file.
    /// </exception>
    public Task LoadAsync(string model, LoadOptions load) => _thread.RunAsync(() =>
    {
        if (_unusable is not null)
            throw new UnusableEngineException(_unusable.Message, _unusable);
        try
        {
            return _pipeline ??= StableDiffusionPipeline.Load(model, load);
        }
        catch (ModelException exception)
        {
            throw new UnusableEngineException(exception.Message, exception);
        }
    });

    /// <summary>What the loaded model will not heed of a request.</summary>
    public IReadOnlyList<string> Warnings(TextToImageRequest request) => _pipeline?.Warnings(request) ?? [];

    /// <summary>
    /// Paints pictures in one pass, as PNGs. A cancellation is obeyed at once; the thread itself follows after its step.
    /// </summary>
    public Task<IReadOnlyList<PaintedPng>> PaintAsync(
        IReadOnlyList<TextToImageRequest> requests, IProgress<StepProgress>? progress, CancellationToken cancellationToken) =>
        _thread.RunAsync<IReadOnlyList<PaintedPng>>(() =>
        {
            var pipeline = _pipeline ?? throw new InvalidOperationException("The model is not loaded.");
            return [.. pipeline.Generate(requests, progress, cancellationToken)
                .Select(picture => new PaintedPng(picture.ToPng(), picture.IsWithheld))];
        }).WaitAsync(cancellationToken);

    /// <summary>Returns once the thread has ended all work, also work that was given up.</summary>
    public Task EndWorkAsync() => _thread.RunAsync(() => true);

    public void Dispose() => _thread.Dispose();
}
