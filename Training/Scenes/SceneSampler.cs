using SdAspire.Generation;
using SdAspire.Training.Data;

namespace SdAspire.Training.Scenes;

/// <summary>Draws scenes and captions for training; what is held out never comes.</summary>
public sealed class SceneSampler(SceneShares shares, CaptionList list, PictureSet pictures)
{
    const int MostTries = 10_000;

    readonly IReadOnlyList<(Caption Caption, int Picture)> _known = list.Locate(pictures);

    /// <summary>A scene of captioned things.</summary>
    public Scene Draw(Random random) => Draw(random, heldOut: false);

    /// <summary>One that <see cref="Draw(Random)"/> never draws.</summary>
    public Scene DrawHeldOut(Random random) => Draw(random, heldOut: true);

    /// <summary>Every captioned thing as it is, by its label.</summary>
    public IReadOnlyList<Thing> Things { get; } = [.. list.Locate(pictures).Select(one => new Thing(one.Picture, one.Caption.Label))];

    /// <summary>A scene of any pictures, for what needs no caption.</summary>
    public Scene DrawAny(Random random) => Draw(random, (at, mayTurn) =>
        new Thing(at.Next(pictures.Index.Count), "", mayTurn ? DrawHue(at) : null));

    /// <summary>A caption of a drawn scene.</summary>
    public string Caption(Scene scene, Random random) => Wording.Caption(scene, list.Templates, random.Next);

    /// <summary>Every word that a caption may have, in alphabetical order.</summary>
    public IReadOnlyList<string> Words()
    {
        var things = _known.SelectMany(one => one.Caption.Words.Append(one.Caption.Recoloured)).OfType<string>().Distinct().ToList();
        return
        [
            .. things.Concat(things.Select(Wording.Plural)).Concat(Palette.All.Select(colour => colour.Name))
                .Concat(list.Templates).Concat(Wording.Frames)
                .SelectMany(text => ModelProfile.WordsOf(text.Replace("{0}", "", StringComparison.Ordinal))).Select(word => word.ToLowerInvariant())
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    Scene Draw(Random random, bool heldOut)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var scene = Draw(random, DrawThing);
            if (scene.IsHeldOut == heldOut)
                return scene;
        }
        throw new TrainingException($"The recipe's scenes hold none that are {(heldOut ? "held out" : "to be trained")}.");
    }

    Scene Draw(Random random, Func<Random, bool, Thing> thing)
    {
        if (random.NextDouble() < shares.Plain)
            return new Scene(Layout.Whole, thing(random, false));
        var where = random.NextDouble();
        var layout = where < shares.Small ? Layout.Small
            : where < shares.Small + shares.Two ? Layout.Two
            : where < shares.Small + shares.Two + shares.Pair ? Layout.Pair : Layout.Whole;
        var first = Coloured();
        var second = layout == Layout.Pair ? Coloured() : null;
        while (second?.Picture == first.Picture)
            second = Coloured();
        return new Scene(layout, first, second,
            random.NextDouble() < shares.Background ? Palette.All[random.Next(Palette.All.Count)] : null);

        Thing Coloured() => thing(random, random.NextDouble() < shares.Recoloured);
    }

    Thing DrawThing(Random random, bool mayTurn)
    {
        var (caption, picture) = _known[random.Next(_known.Count)];
        var words = caption.Words;
        if (!mayTurn || caption.Recoloured is not { } noun)
            return new Thing(picture, words[random.Next(words.Count)]);
        var colour = DrawHue(random);
        // "green apple" is a picture of its own.
        return list.Stands($"{colour.Name} {noun}") ? new Thing(picture, words[0]) : new Thing(picture, noun, colour);
    }

    static NamedColour DrawHue(Random random) => Palette.Hues[random.Next(Palette.Hues.Count)];
}
