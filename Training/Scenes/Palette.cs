namespace SdAspire.Training.Scenes;

/// <summary>A colour as captions name it.</summary>
/// <param name="Hue">Degrees; what things of this colour are turned to. Null for what is no hue, and lies only behind things.</param>
public sealed record NamedColour(string Name, byte Red, byte Green, byte Blue, double? Hue = null)
{
    /// <summary>Squared distance in RGB.</summary>
    public double DistanceTo(double red, double green, double blue) =>
        (Red - red) * (Red - red) + (Green - green) * (Green - green) + (Blue - blue) * (Blue - blue);
}

/// <summary>The colours that captions name.</summary>
public static class Palette
{
    /// <summary>What lies behind a picture whose caption says nothing of it.</summary>
    public const string Plain = "white";

    /// <summary>All of them, for backgrounds.</summary>
    public static IReadOnlyList<NamedColour> All { get; } =
    [
        new(Plain, 255, 255, 255),
        new("red", 225, 50, 50, 0),
        new("orange", 250, 145, 40, 28),
        new("yellow", 250, 220, 70, 50),
        new("green", 70, 175, 80, 125),
        new("blue", 60, 120, 230, 214),
        new("purple", 140, 80, 200, 272),
        new("pink", 250, 150, 195, 328),
        new("brown", 135, 90, 55),
        new("black", 25, 25, 30),
        new("gray", 140, 140, 145),
    ];

    /// <summary>Those a thing can be turned to.</summary>
    public static IReadOnlyList<NamedColour> Hues { get; } = [.. All.Where(colour => colour.Hue is not null)];

    /// <summary>The colour of this name.</summary>
    public static NamedColour Named(string name) => All.First(colour => colour.Name == name);

    /// <summary>The colour that is nearest.</summary>
    public static NamedColour Nearest(double red, double green, double blue) => All.MinBy(colour => colour.DistanceTo(red, green, blue))!;
}
