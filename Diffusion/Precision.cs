using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// The numbers that the UNet computes with. Text encoders and autoencoder keep single precision: they run once for a picture, and
/// an autoencoder's rounding is seen.
/// </summary>
public enum Precision
{
    /// <summary>
    /// Half precision on CUDA; on a CPU that multiplies in bfloat16 (AVX512-BF16, AMX) that, for UNets from a hundred million
    /// parameters on, as smaller ones gain nothing; single precision otherwise.
    /// </summary>
    Auto,
    Float32,
    BFloat16,
    Float16,
}

static class PrecisionExtensions
{
    const long LargeUNet = 100_000_000;

    extension(Precision precision)
    {
        /// <param name="device">Where the UNet computes.</param>
        /// <param name="parameters">How many the UNet has.</param>
        /// <exception cref="ModelException">The device cannot compute in it.</exception>
        public ScalarType On(Device device, long parameters) => precision switch
        {
            Precision.Float32 => ScalarType.Float32,
            Precision.BFloat16 => ScalarType.BFloat16,
            // libtorch has it on the CPU in loops that are hundreds of times slower.
            Precision.Float16 when device.type == DeviceType.CPU =>
                throw new ModelException("the CPU does not compute in float16: use float32 or bfloat16"),
            Precision.Float16 => ScalarType.Float16,
            _ when device.type != DeviceType.CPU => ScalarType.Float16,
            _ when parameters >= LargeUNet && CpuComputesBFloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
    }

    // Intel's manual, CPUID leaf 7: subleaf 1 has AVX512-BF16 in bit 5 of EAX, subleaf 0 AMX-BF16 in bit 22 of EDX.
    static bool CpuComputesBFloat16 =>
        Avx512F.IsSupported && ((X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0 || (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0);
}
