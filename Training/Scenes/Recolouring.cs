namespace SdAspire.Training.Scenes;

/// <summary>Turns a picture's main hue to another, and leaves its other hues (leaves, wheels) and its greys alone.</summary>
public static class Recolouring
{
    const int Bins = 36;
    const double Window = 45;
    const double GreyBelow = 0.2;

    /// <param name="planar">Premultiplied RGBA, planar; changed in place. A hue does not depend on the premultiplication.</param>
    public static void Apply(Span<byte> planar, double hue)
    {
        var area = planar.Length / 4;
        var main = MainHue(planar, area);
        for (var i = 0; i < area; i++)
        {
            var (h, s, v) = ToHsv(planar[i], planar[area + i], planar[2 * area + i]);
            var offset = Offset(h, main);
            if (s < GreyBelow || Math.Abs(offset) > Window)
                continue;
            (planar[i], planar[area + i], planar[2 * area + i]) = ToRgb((hue + offset / 2 + 360) % 360, s, v);
        }
    }

    static double MainHue(ReadOnlySpan<byte> planar, int area)
    {
        Span<double> weights = stackalloc double[Bins];
        weights.Clear();
        for (var i = 0; i < area; i++)
        {
            var (h, s, v) = ToHsv(planar[i], planar[area + i], planar[2 * area + i]);
            weights[(int)(h / 360 * Bins) % Bins] += s * v;
        }
        var (best, at) = (-1.0, 0);
        for (var bin = 0; bin < Bins; bin++)
        {
            var sum = weights[bin] + weights[(bin + 1) % Bins] + weights[(bin + Bins - 1) % Bins];
            if (sum > best)
                (best, at) = (sum, bin);
        }
        return (at + 0.5) * 360 / Bins;
    }

    static double Offset(double hue, double from) => (hue - from + 540) % 360 - 180;

    static (double Hue, double Saturation, double Value) ToHsv(byte red, byte green, byte blue)
    {
        int most = Math.Max(red, Math.Max(green, blue)), range = most - Math.Min(red, Math.Min(green, blue));
        if (range == 0)
            return (0, 0, most);
        var sector = most == red ? (double)(green - blue) / range + 6 : most == green ? (double)(blue - red) / range + 2
            : (double)(red - green) / range + 4;
        return (sector % 6 * 60, (double)range / most, most);
    }

    static (byte Red, byte Green, byte Blue) ToRgb(double hue, double saturation, double value)
    {
        return (Channel(5), Channel(3), Channel(1));

        byte Channel(int n)
        {
            var k = (n + hue / 60) % 6;
            return (byte)Math.Round(value * (1 - saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1)));
        }
    }
}
