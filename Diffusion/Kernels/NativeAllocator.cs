using System.Runtime.InteropServices;

namespace SdAspire.Diffusion.Kernels;

/// <summary>How glibc's malloc, from which libtorch takes the memory of its tensors, treats large blocks (mallopt(3)).</summary>
static partial class NativeAllocator
{
    const int TrimThreshold = -1;
    const int MapThreshold = -3;
    const int Mebibyte = 1024 * 1024;

    /// <summary>
    /// While weights are loaded and packed: each in pages of its own, which go back when it is freed. Among the others they would
    /// leave holes as large as a quarter of the model.
    /// </summary>
    public static void GiveBackLargeBlocks() => Set(mapFrom: Mebibyte, keep: Mebibyte);

    /// <summary>
    /// While steps are computed, which take and free the same sizes over and over: the pages stay, since getting them again costs
    /// more than many a layer.
    /// </summary>
    public static void KeepLargeBlocks() => Set(mapFrom: 32 * Mebibyte, keep: 512 * Mebibyte);

    /// <summary>After a picture: what the steps kept, decoding most of all, goes back.</summary>
    public static void GiveBack()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = malloc_trim(0);
        }
    }

    static void Set(int mapFrom, int keep)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = mallopt(MapThreshold, mapFrom);
            _ = mallopt(TrimThreshold, keep);
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
