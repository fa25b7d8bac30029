using SdAspire.Training.Data;

namespace SdAspire.Training.Scenes;

/// <summary>Paints scenes from the prepared pictures.</summary>
public sealed class Composer
{
    readonly PictureSet _pictures;
    readonly int _size;
    readonly int _half;

    public Composer(PictureSet pictures)
    {
        _pictures = pictures;
        _size = pictures.Index.Size;
        _half = _size / 2;
    }

    /// <summary>Width and height.</summary>
    public int Size => _size;

    /// <summary>Values of one picture: 3 × size × size.</summary>
    public int Length => 3 * _size * _size;

    /// <summary>Planar RGB in [−1, 1].</summary>
    /// <param name="shade">Moves the named background's colour by up to this much of 255, so that it is one of many that bear its name.</param>
    public void Paint(Scene scene, Span<float> target, Random? shade = null, int most = 12)
    {
        var area = _size * _size;
        var colour = scene.Background ?? Palette.Named(Palette.Plain);
        for (var channel = 0; channel < 3; channel++)
        {
            var value = channel switch { 0 => colour.Red, 1 => colour.Green, _ => colour.Blue };
            var moved = shade is null || scene.Background is null ? value : Math.Clamp(value + shade.Next(-most, most + 1), 0, 255);
            target.Slice(channel * area, area).Fill(moved / 127.5f - 1);
        }
        var first = Sprite(scene.First, scene.Layout != Layout.Whole);
        switch (scene.Layout)
        {
            case Layout.Whole:
                Lay(first, _size, target, 0, 0);
                break;
            case Layout.Small:
                Lay(first, _half, target, _half / 2, _half / 2);
                break;
            default:
                Lay(first, _half, target, 0, _half / 2);
                Lay(scene.Second is { } second ? Sprite(second, half: true) : first, _half, target, _half, _half / 2);
                break;
        }
    }

    ReadOnlySpan<byte> Sprite(Thing thing, bool half)
    {
        var whole = _pictures[thing.Picture];
        if (thing.Colour?.Hue is { } hue)
        {
            var turned = whole.ToArray();
            Recolouring.Apply(turned, hue);
            whole = turned;
        }
        return half ? Halve(whole) : whole;
    }

    byte[] Halve(ReadOnlySpan<byte> whole)
    {
        var half = new byte[4 * _half * _half];
        for (var channel = 0; channel < 4; channel++)
        {
            for (var y = 0; y < _half; y++)
            {
                for (var x = 0; x < _half; x++)
                {
                    var at = (channel * _size + 2 * y) * _size + 2 * x;
                    half[(channel * _half + y) * _half + x] = (byte)((whole[at] + whole[at + 1] + whole[at + _size] + whole[at + _size + 1] + 2) / 4);
                }
            }
        }
        return half;
    }

    // Premultiplied: what lies below shows through by what alpha leaves.
    void Lay(ReadOnlySpan<byte> sprite, int side, Span<float> target, int left, int top)
    {
        var area = side * side;
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var from = y * side + x;
                var alpha = sprite[3 * area + from];
                if (alpha == 0)
                    continue;
                for (var channel = 0; channel < 3; channel++)
                {
                    ref var value = ref target[(channel * _size + top + y) * _size + left + x];
                    value = sprite[channel * area + from] / 127.5f + (value + 1) * (255 - alpha) / 255f - 1;
                }
            }
        }
    }
}
