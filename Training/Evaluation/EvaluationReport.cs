using System.Text.Json.Serialization;

namespace SdAspire.Training.Evaluation;

/// <summary>What was measured of a model: evaluation.json.</summary>
public sealed record EvaluationReport
{
    public required string Model { get; init; }
    public required int Steps { get; init; }
    public required double GuidanceScale { get; init; }
    public required string Scheduler { get; init; }
    public required long Seed { get; init; }
    public required SeenScore Seen { get; init; }
    public required RecombinedScore Recombined { get; init; }

    /// <summary>Mean difference (root of the mean square, of 1) of pictures of one caption and other seeds.</summary>
    public required double Diversity { get; init; }

    /// <summary>In batches; a picture alone takes longer.</summary>
    public required double SecondsPerPicture { get; init; }

    public required IReadOnlyList<string> FreeTexts { get; init; }
}

/// <summary>Captions that training shows: whether the nearest of all captioned pictures is the caption's.</summary>
/// <param name="Rank5">It is among the five nearest.</param>
/// <param name="Mistaken">Captions with what was nearest instead.</param>
public sealed record SeenScore(int Count, double Rank1, double Rank5, IReadOnlyList<string> Mistaken);

/// <summary>Captions that training never shows, though it shows their parts.</summary>
/// <param name="Background">Share of pictures whose corners have the background's colour.</param>
/// <param name="Things">Share of things that are the nearest of all captioned ones, painted in the same place and colours.</param>
/// <param name="Colours">Share of things whose colour is right, of those turned to one.</param>
/// <param name="All">Share of pictures with everything right.</param>
/// <param name="ByLayout">The same share for each layout.</param>
/// <param name="AttainableByLayout">
/// The same of the scenes themselves, encoded and decoded: what the autoencoder leaves for UNet and text encoder to reach.
/// </param>
public sealed record RecombinedScore(
    int Count, double Background, double Things, double Colours, double All, IReadOnlyDictionary<string, double> ByLayout,
    IReadOnlyDictionary<string, double> AttainableByLayout, IReadOnlyList<string> Captions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EvaluationReport))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
