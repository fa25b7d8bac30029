using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>What a pass paints over.</summary>
/// <param name="Latents">
/// Of the pictures, as the UNet sees them, [batch, channels, height, width]; null where nothing of them is to be left.
/// </param>
/// <param name="Strength">The share of the steps that are taken, 0 … 1.</param>
/// <param name="Mask">1 where to paint, 0 where the picture stays, [batch, 1, height, width] of the latents; null paints all over.</param>
/// <param name="Masked">
/// Latents of the pictures without what is to be painted, for a UNet that was trained to paint into pictures: it sees the mask and
/// these beside the noisy latents. Null for any other.
/// </param>
sealed record InitialPicture(Tensor? Latents, double Strength, Tensor? Mask = null, Tensor? Masked = null)
{
    /// <summary>The first latents are noise alone.</summary>
    public bool BeginsWithNoise => Latents is null || (Mask is not null && Strength == 1);

    /// <summary>What is to stay is put back after each step, since the UNet does not know of it.</summary>
    public bool PutsBack => Mask is not null && Masked is null;
}
