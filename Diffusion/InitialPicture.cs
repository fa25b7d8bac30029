using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>What a pass begins with instead of noise alone.</summary>
/// <param name="Latents">Of the pictures, as the UNet sees them, [batch, channels, height, width].</param>
/// <param name="Strength">The share of the steps that are taken, 0 … 1.</param>
/// <param name="Mask">1 where to paint, 0 where the picture stays, [batch, 1, height, width] of the latents; null paints all over.</param>
sealed record InitialPicture(Tensor Latents, double Strength, Tensor? Mask);
