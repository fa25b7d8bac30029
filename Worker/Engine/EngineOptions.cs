using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SdAspire.Diffusion;

namespace SdAspire.Worker.Engine;

/// <summary>What the engine can be asked for and a message cannot: options of <c>Worker generate</c>.</summary>
sealed class EngineOptions
{
    private readonly Option<string?> _image = new("--image")
    {
        Description = "A picture to begin with. Without --width and --height the new one has its size.",
    };
    private readonly Option<string?> _mask = new("--mask")
    {
        Description = "A picture of the same size: light where to paint, dark where --image stays.",
    };
    private readonly Option<double?> _strength = Number<double?>(
        "--strength", null,
        "With --image: the share of the steps that are taken, above 0 … 1; the more, the less is left of it. Default: 0.8, with --mask 1.");
    private readonly Option<int> _clipSkip = new("--clip-skip")
    {
        Description = "How many of the text encoder's last layers the prompt leaves out.",
    };
    private readonly Option<double> _guidanceRescale = Number(
        "--guidance-rescale", 0d, "0 … 1: brings the guided prediction back to the spread of the unguided one.");

    public IEnumerable<Option> All => [_image, _mask, _strength, _clipSkip, _guidanceRescale];

    /// <exception cref="ModelException">A file is missing or no picture.</exception>
    public (RgbImage? Image, Func<TextToImageRequest, TextToImageRequest> Apply) Read(ParseResult result)
    {
        var image = result.GetValue(_image) is { } path ? RgbImage.FromFile(path) : null;
        var mask = result.GetValue(_mask) is { } maskPath ? RgbImage.FromFile(maskPath) : null;
        var strength = result.GetValue(_strength) ?? (mask is null ? 0.8 : 1);
        var (skip, rescale) = (result.GetValue(_clipSkip), result.GetValue(_guidanceRescale));
        return (image, request => request with
        {
            Image = image, Mask = mask, Strength = strength, ClipSkip = skip, GuidanceRescale = rescale,
        });
    }

    /// <summary>An option for a number with a point, whatever the machine's language is: the usual conversion takes "7,5" for 75.</summary>
    public static Option<T> Number<T>(string name, T fallback, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => fallback,
        CustomParser = argument =>
        {
            if (double.TryParse(argument.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return (T)(object)number;
            argument.AddError($"'{argument.Tokens[0].Value}' is no number for {name}.");
            return fallback;
        },
    };
}
