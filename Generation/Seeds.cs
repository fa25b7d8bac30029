namespace SdAspire.Generation;

/// <summary>Seeds: 0 … 2^53 − 1, which JavaScript's numbers hold exactly.</summary>
public static class Seeds
{
    public const long Max = (1L << 53) - 1;

    /// <summary>Draws a seed that leaves room for those of the task's other pictures.</summary>
    public static long Draw(int count = 1) => Random.Shared.NextInt64(0, Max - count + 2);
}
