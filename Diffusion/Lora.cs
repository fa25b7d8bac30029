namespace SdAspire.Diffusion;

/// <summary>A LoRA to merge into a model, and how strongly.</summary>
/// <param name="Path">Its .safetensors file.</param>
/// <param name="Scale">1 is what it was trained for; 0 leaves the model as it is, negative values take it away.</param>
public sealed record Lora(string Path, double Scale = 1);
