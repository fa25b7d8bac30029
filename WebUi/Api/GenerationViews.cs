using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Api;

/// <summary>Generations as the API shows them, with what depends on others: who is before them, how fast the house is.</summary>
public sealed class GenerationViews(GenerationBoard board, Throughput throughput)
{
    public GenerationView Of(GenerationState state)
    {
        var view = GenerationView.Of(state);
        return state.IsFinished
            ? view
            : view with { Position = board.PlaceOf(state)?.Position, EstimatedSeconds = throughput.EstimateSeconds(state) };
    }
}
