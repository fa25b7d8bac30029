namespace SdAspire.Keda.Settings;

/// <summary>How a queue job gets a GPU.</summary>
public enum GpuMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Whole GPUs for each job: nobody else's work slows it down or reads its memory.</summary>
    Exclusive,

    /// <summary>One of the shares that the device plugin makes of a GPU, by time-slicing or MPS.</summary>
    Shared,
}
