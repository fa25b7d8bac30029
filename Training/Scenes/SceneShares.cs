namespace SdAspire.Training.Scenes;

/// <summary>How often a scene is what, in training.</summary>
public sealed record SceneShares
{
    /// <summary>Scenes of a thing as it is, on white; what is left is composed.</summary>
    public required double Plain { get; init; }

    /// <summary>Of the composed ones: those on a colour.</summary>
    public required double Background { get; init; }

    /// <summary>Of the composed ones: those of a thing turned to a colour, where it has a noun for that.</summary>
    public required double Recoloured { get; init; }

    /// <summary>Of the composed ones.</summary>
    public required double Small { get; init; }

    /// <summary>Of the composed ones.</summary>
    public required double Two { get; init; }

    /// <summary>Of the composed ones.</summary>
    public required double Pair { get; init; }
}
