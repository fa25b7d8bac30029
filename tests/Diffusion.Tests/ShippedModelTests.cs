using System.Text.Json;

namespace SdAspire.Diffusion.Tests;

/// <summary>The model that ships paints what it is asked for.</summary>
public class ShippedModelTests
{
    const int White = 200;

    static readonly string Models = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "models"));
    static readonly string Model = Path.Combine(Models, File.ReadAllText(Path.Combine(Models, "default")).Trim());

    public enum Colour
    {
        Red,
        Green,
        Blue,
    }

    [Theory]
    [InlineData("red heart", Colour.Red)]
    [InlineData("frog", Colour.Green)]
    [InlineData("blue heart", Colour.Blue)]
    public void Paints_things_in_their_colour_on_white(string prompt, Colour expected)
    {
        using var pipeline = StableDiffusionPipeline.Load(Model, DeviceChoice.Cpu);
        var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Model, "generation_config.json"))).RootElement;
        foreach (var seed in new[] { 1L, 2L, 3L })
        {
            var image = pipeline.Generate(new TextToImageRequest
            {
                Prompt = prompt,
                Steps = config.GetProperty("num_inference_steps").GetInt32(),
                GuidanceScale = config.GetProperty("guidance_scale").GetDouble(),
                Width = config.GetProperty("width").GetInt32(),
                Height = config.GetProperty("height").GetInt32(),
                Scheduler = config.GetProperty("scheduler").GetString(),
                Seed = seed,
            });

            var thing = image.Pixels.Chunk(3).Where(rgb => rgb.Min() < White).ToList();
            var share = (double)thing.Count / (image.Width * image.Height);
            share.ShouldBeInRange(0.2, 0.8, $"{prompt}, seed {seed}: share of the picture that is no background");
            // Each pixel votes for its strongest channel.
            var votes = thing.CountBy(rgb => (Colour)Array.IndexOf(rgb, rgb.Max())).ToDictionary();
            var winner = votes.MaxBy(v => v.Value);
            winner.Key.ShouldBe(expected, $"{prompt}, seed {seed}");
            winner.Value.ShouldBeGreaterThan(thing.Count * 2 / 5, $"{prompt}, seed {seed}");
        }
    }

    [Fact]
    public void Comes_with_its_card_and_its_sources_notices()
    {
        File.Exists(Path.Combine(Model, "README.md")).ShouldBeTrue();
        var notice = File.ReadAllText(Path.Combine(Model, "NOTICE.md"));
        notice.ShouldContain("Microsoft Corporation");
        notice.ShouldContain("Miles Johnson");
        notice.ShouldContain("OpenAI");
    }
}
