namespace SdAspire.WebUi.Gallery;

/// <summary>What became of a wish about a task.</summary>
/// <param name="State">What is known of the task now; null if there is none.</param>
/// <param name="Refusal">Why nothing was done, in words; null if it was.</param>
public sealed record Outcome(GenerationState? State, string? Refusal = null)
{
    public static Outcome Unknown { get; } = new((GenerationState?)null);
}
