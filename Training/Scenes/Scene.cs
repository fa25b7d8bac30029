namespace SdAspire.Training.Scenes;

/// <summary>How things stand in a picture.</summary>
public enum Layout
{
    /// <summary>One, as large as the picture.</summary>
    Whole,

    /// <summary>One, half as large, in the middle.</summary>
    Small,

    /// <summary>The same twice, half as large, side by side.</summary>
    Two,

    /// <summary>Two different ones, half as large, side by side.</summary>
    Pair,
}

/// <summary>One thing of a scene.</summary>
/// <param name="Picture">Its picture.</param>
/// <param name="Noun">What the caption calls it, without the colour it is turned to.</param>
/// <param name="Colour">The colour it is turned to; null for its own.</param>
public sealed record Thing(int Picture, string Noun, NamedColour? Colour = null)
{
    /// <summary>The noun with its colour.</summary>
    public string Name => Colour is null ? Noun : $"{Colour.Name} {Noun}";
}

/// <summary>What a composed picture shows, so that its caption and its pixels say the same.</summary>
/// <param name="Second">The other thing of a <see cref="Layout.Pair"/>.</param>
/// <param name="Background">Null where the caption is silent and the picture white.</param>
public sealed record Scene(Layout Layout, Thing First, Thing? Second = null, NamedColour? Background = null)
{
    // One of so many recombinations is kept from training, for evaluation.
    const uint HeldOutOf = 8;

    /// <summary>A thing as its picture has it, on white.</summary>
    public bool IsPlain => Layout == Layout.Whole && First.Colour is null && Background is null;

    /// <summary>
    /// Whether training never shows it: a thing before a colour, a thing turned to a colour, a pair. Their parts are all seen.
    /// </summary>
    public bool IsHeldOut =>
        (Background is not null && (IsKept(First, Background.Name) || (Second is not null && IsKept(Second, Background.Name))))
        || IsKeptColour(First) || (Second is not null && (IsKeptColour(Second) || IsKept(First, Second.Picture.ToString(Invariant))));

    static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    static bool IsKeptColour(Thing thing) => thing.Colour is { } colour && IsKept(thing, $"turned {colour.Name}");

    // The picture and not the noun: a synonym must not let in what is kept out.
    static bool IsKept(Thing thing, string with)
    {
        var hash = 2166136261u;
        foreach (var c in $"{thing.Picture.ToString(Invariant)}/{with}")
            hash = (hash ^ c) * 16777619u;
        return (hash ^ hash >> 15) % HeldOutOf == 0;
    }
}
