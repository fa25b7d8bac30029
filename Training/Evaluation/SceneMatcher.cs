using SdAspire.Diffusion;
using SdAspire.Training.Scenes;

namespace SdAspire.Training.Evaluation;

/// <summary>Tells what a picture shows by the nearest of all pictures that it could show.</summary>
public sealed class SceneMatcher(Composer composer, IReadOnlyList<Thing> things)
{
    const int Corner = 4;

    /// <summary>The captioned things, the nearest first, as a picture of one of them on white shows them.</summary>
    public IReadOnlyList<Thing> Rank(RgbImage picture)
    {
        var values = Planar(picture);
        return [.. things.OrderBy(thing => Distance(values, new Scene(Layout.Whole, thing), 0, composer.Size))];
    }

    /// <summary>Which of the scene's things are right, from left to right.</summary>
    public IReadOnlyList<bool> AreThingsRight(RgbImage picture, Scene scene) => ForThings(picture, scene, (thing, measure) =>
        things.MinBy(other => measure(other with { Colour = thing.Colour }))!.Picture == thing.Picture);

    /// <summary>Of the scene's things that are turned to a colour: whether it is that one.</summary>
    public IReadOnlyList<bool> AreColoursRight(RgbImage picture, Scene scene) =>
    [
        .. ForThings(picture, scene, (thing, measure) => thing.Colour is null
            ? (bool?)null
            : Palette.Hues.MinBy(hue => measure(thing with { Colour = hue })) == thing.Colour).OfType<bool>(),
    ];

    /// <summary>Whether the corners have the colour that the scene has behind its things.</summary>
    public bool IsBackgroundRight(RgbImage picture, Scene scene)
    {
        var expected = scene.Background ?? Palette.Named(Palette.Plain);
        var (width, height) = (picture.Width, picture.Height);
        // By votes: a thing may reach into a corner.
        var votes = new[] { (0, 0), (width - Corner, 0), (0, height - Corner), (width - Corner, height - Corner) }
            .Select(corner => NearestColour(picture, corner.Item1, corner.Item2)).Count(name => name == expected.Name);
        return votes >= 3;
    }

    List<T> ForThings<T>(RgbImage picture, Scene scene, Func<Thing, Func<Thing, double>, T> judge)
    {
        var values = Planar(picture);
        var (size, half) = (composer.Size, composer.Size / 2);
        if (scene.Layout is Layout.Whole or Layout.Small)
            return [judge(scene.First, other => Distance(values, scene with { First = other }, 0, size))];
        return
        [
            judge(scene.First, other => Distance(values, Both(other), 0, half)),
            judge(scene.Second ?? scene.First, other => Distance(values, Both(other), half, size)),
        ];

        Scene Both(Thing thing) => new(Layout.Two, thing, null, scene.Background);
    }

    double Distance(float[] values, Scene scene, int left, int right)
    {
        var expected = new float[composer.Length];
        composer.Paint(scene, expected);
        var sum = 0.0;
        for (var line = 0; line < 3 * composer.Size; line++)
        {
            for (var x = left; x < right; x++)
            {
                var difference = values[line * composer.Size + x] - expected[line * composer.Size + x];
                sum += difference * difference;
            }
        }
        return sum;
    }

    static string NearestColour(RgbImage picture, int left, int top)
    {
        Span<double> sum = [0, 0, 0];
        for (var y = top; y < top + Corner; y++)
        {
            for (var x = left; x < left + Corner; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                    sum[channel] += picture.Pixels[(y * picture.Width + x) * 3 + channel] / (double)(Corner * Corner);
            }
        }
        return Palette.Nearest(sum[0], sum[1], sum[2]).Name;
    }

    static float[] Planar(RgbImage picture)
    {
        var area = picture.Width * picture.Height;
        var values = new float[3 * area];
        for (var i = 0; i < picture.Pixels.Length; i++)
            values[i % 3 * area + i / 3] = picture.Pixels[i] / 127.5f - 1;
        return values;
    }
}
