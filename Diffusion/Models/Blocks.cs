namespace SdAspire.Diffusion.Models;

/// <summary>What the UNet's and the autoencoder's levels have in common.</summary>
static class Blocks
{
    const int MaximumLevels = 8;

    /// <exception cref="ModelException">There can be no such levels.</exception>
    public static void Verify(IReadOnlyList<int> channels, int groups, string path)
    {
        ConfigFile.Require(channels.Count is > 0 and <= MaximumLevels, path, "block_out_channels", string.Join(", ", channels));
        ConfigFile.RequireSizes(path, "block_out_channels", channels.Select(c => (int?)c));
        ConfigFile.Require(groups > 0 && channels.All(c => c % groups == 0), path, "norm_num_groups", groups);
    }
}
