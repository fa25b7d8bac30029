namespace SdAspire.Generation;

/// <summary>One entry of the section <c>Models</c>: where a model's tasks go, and what it can do.</summary>
/// <remarks>
/// A service that cannot read <see cref="Path"/> needs all the numbers; where it can, they win over what the model says of
/// itself.
/// </remarks>
public sealed class ModelOptions
{
    /// <summary>The entries, by the models' names.</summary>
    public const string Section = "Models";

    /// <summary>The key beside it: the model of requests that name none, needed only where there is more than one.</summary>
    public const string DefaultModel = "DefaultModel";

    /// <summary>The queue that this model's workers take from, and nobody else's.</summary>
    public string? Queue { get; set; }

    /// <summary>The model's directory, in diffusers layout.</summary>
    public string? Path { get; set; }

    public int? Width { get; set; }

    public int? Height { get; set; }

    public int? Steps { get; set; }

    public double? GuidanceScale { get; set; }

    public string? Scheduler { get; set; }

    /// <summary>The VAE's factor, 8 for Stable Diffusion 1.x.</summary>
    public int? PixelsPerLatent { get; set; }
}
