namespace SdAspire.Diffusion;

/// <summary>How a model is to be loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>Where to compute.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>What the UNet computes in.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>To merge into the model, in this order.</summary>
    public IReadOnlyList<Lora> Loras { get; init; } = [];

    /// <summary>
    /// The folder of an autoencoder to use instead of the model's, such as a tiny one, which decodes much faster; null for its own.
    /// </summary>
    public string? Autoencoder { get; init; }

    /// <summary>Whether pictures go through the safety checker, where the model ships one.</summary>
    public bool SafetyChecker { get; init; } = true;

    /// <summary>
    /// Whether the text encoders go once prompts are encoded, and are read again for the next ones; null for where less than a
    /// gigabyte of the memory that the machine or the container has would be left. With <see cref="Loras"/> they stay.
    /// </summary>
    public bool? FreesTextEncoders { get; init; }
}
