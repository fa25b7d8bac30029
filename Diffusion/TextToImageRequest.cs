namespace SdAspire.Diffusion;

/// <summary>What to paint.</summary>
public sealed record TextToImageRequest
{
    public required string Prompt { get; init; }

    /// <summary>What to steer away from; used when guidance is on.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>SDXL: what the second text encoder reads; null or empty for the prompt.</summary>
    public string? Prompt2 { get; init; }

    /// <summary>SDXL: what the second text encoder reads; null or empty for the negative prompt.</summary>
    public string? NegativePrompt2 { get; init; }

    /// <summary>SDXL: the size of the picture that this one is as good as; null for its own.</summary>
    public PixelSize? OriginalSize { get; init; }

    /// <summary>SDXL: where in that picture this one begins; centred pictures are at (0, 0).</summary>
    public PixelPoint CropTopLeft { get; init; }

    /// <summary>SDXL: the size that this picture is meant for; null for its own.</summary>
    public PixelSize? TargetSize { get; init; }

    /// <summary>At least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// Classifier-free guidance scale (Ho and Salimans 2022, arXiv:2207.12598); at 1 or below it is off. Models that were
    /// distilled with guidance (LCM) are told the scale instead, and see no negative prompt.
    /// </summary>
    public required double GuidanceScale { get; init; }

    /// <summary>0 … 2^53 − 1; the latents are PyTorch's for this seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Pixels; divides by the pipeline's PixelsPerLatent.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels; divides by the pipeline's PixelsPerLatent.</summary>
    public required int Height { get; init; }

    /// <summary>One of <see cref="SchedulerNames.Known"/>; null is the model's own.</summary>
    public string? Scheduler { get; init; }

    /// <summary>How many of the text encoder's last layers the prompt leaves out; the negative prompt leaves out none.</summary>
    public int ClipSkip { get; init; }

    /// <summary>
    /// How far the guided prediction is brought back to the spread of the unguided one, 0 … 1: less overexposed at high guidance.
    /// </summary>
    public double GuidanceRescale { get; init; }

    /// <summary>Image-to-image: what to begin with, of this request's size; null begins with noise.</summary>
    public RgbImage? Image { get; init; }

    /// <summary>Image-to-image: how much of the way from noise is walked, above 0 … 1; the more, the less is left of the image.</summary>
    public double Strength { get; init; } = 0.8;

    /// <summary>Inpainting: light where to paint, dark where the image stays; of this request's size. Needs an image.</summary>
    public RgbImage? Mask { get; init; }

    /// <summary>Whether both can be painted in one pass: prompts, seeds and how strong the guidance is may differ.</summary>
    public bool FitsWith(TextToImageRequest other) =>
        Shared == other.Shared;

    bool IsGuided => GuidanceScale > 1;

    (int, int, int, string?, bool, int, double, double?, bool) Shared =>
        (Width, Height, Steps, Scheduler, IsGuided, ClipSkip, GuidanceRescale, Image is null ? null : Strength, Mask is null);
}

public readonly record struct PixelSize(int Width, int Height);

public readonly record struct PixelPoint(int X, int Y);

/// <summary>A step is done: the first is 1.</summary>
public sealed record StepProgress(int Step, int Of)
{
    /// <summary>
    /// Makes a small picture, of at most 64 pixels a side, of what the n-th picture of the pass will be, as far as the engine can
    /// tell by now. It costs time only when it is called, which the receiver of the report may do until it returns.
    /// </summary>
    public Func<int, RgbImage>? Preview { get; init; }
}

public enum DeviceChoice
{
    /// <summary>CUDA where it is, the CPU elsewhere.</summary>
    Auto,
    Cpu,
    Cuda,
}
