using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SdAspire.Generation;

/// <summary>What the services need to know of a model without loading it.</summary>
/// <param name="Name">The name of its directory, unless it is served under another.</param>
/// <param name="PixelsPerLatent">The VAE's factor; both sides of a picture are multiples of it.</param>
/// <param name="Examples">Prompts that it paints well.</param>
public sealed partial record ModelProfile(
    string Name,
    int PixelsPerLatent,
    int DefaultWidth,
    int DefaultHeight,
    int DefaultSteps,
    double DefaultGuidanceScale,
    string DefaultScheduler,
    IReadOnlyList<string> Examples)
{
    /// <summary>All the words that it was taught; empty where it does not say, as models of a whole language do not.</summary>
    public IReadOnlyList<string> KnownWords { get; init; } = [];

    private const int UsualSteps = 20;
    private const double UsualGuidanceScale = 7.5;
    private const int MostUnknownWords = 20;

    /// <summary>The profile of a model in diffusers layout, or of one in a single .safetensors file.</summary>
    /// <inheritdoc cref="FromDirectory"/>
    public static ModelProfile Of(string path) => File.Exists(path) ? FromFile(path) : FromDirectory(path);

    /// <summary>Reads the profile of a model in diffusers layout; <c>generation_config.json</c> is optional.</summary>
    /// <exception cref="InvalidModelProfileException">
    /// A file is missing or unreadable; the message is one line and names it.
    /// </exception>
    public static ModelProfile FromDirectory(string directory)
    {
        var blocks = Read(directory, "vae/config.json", vae => vae.GetProperty("block_out_channels").GetArrayLength());
        var factor = 1 << (blocks - 1);
        var side = Read(directory, "unet/config.json", unet => unet.GetProperty("sample_size").GetInt32()) * factor;
        var own = Read(
            directory, "scheduler/scheduler_config.json", scheduler => scheduler.GetProperty("_class_name").GetString()!);
        // A model whose own scheduler the engine does not have paints with DDIM, which reads the same settings.
        var profile = new ModelProfile(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))),
            factor, side, side, UsualSteps, UsualGuidanceScale,
            Schedulers.TryNormalize(own, out var known) ? known : Schedulers.Default, []);
        return File.Exists(Path.Combine(directory, "generation_config.json"))
            ? Read(directory, "generation_config.json", profile.With)
            : profile;
    }

    // The folder of the same name beside it describes it; without one it is as its family's published models are.
    private static ModelProfile FromFile(string file)
    {
        var beside = Path.ChangeExtension(Path.GetFullPath(file), null);
        if (File.Exists(Path.Combine(beside, "unet/config.json")))
            return FromDirectory(beside);
        var names = ReadHeader(file);
        var (side, scheduler) =
            names.Contains("\"conditioner.embedders.1.model.", StringComparison.Ordinal) ? (1024, "euler")
            : names.Contains("\"cond_stage_model.model.", StringComparison.Ordinal) ? (768, "ddim")
            : (512, "pndm");
        var profile = new ModelProfile(Path.GetFileName(beside), 8, side, side, UsualSteps, UsualGuidanceScale, scheduler, []);
        return File.Exists(Path.Combine(beside, "generation_config.json"))
            ? Read(beside, "generation_config.json", profile.With)
            : profile;
    }

    /// <summary>The words of a prompt that the model was not taught, in their order; none where it does not say.</summary>
    public IReadOnlyList<string> UnknownWords(string prompt)
    {
        if (KnownWords.Count == 0)
            return [];
        var known = KnownWords.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. WordsOf(prompt)
                .Where(word => !known.Contains(word)).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostUnknownWords),
        ];
    }

    /// <summary>The words of a text, as <see cref="KnownWords"/> counts them.</summary>
    public static IEnumerable<string> WordsOf(string text) => Word().Matches(text).Select(match => match.Value);

    // A run of letters and digits, or of pictographs. What follows an apostrophe ("woman's", "don't") belongs to the word before.
    [GeneratedRegex(@"(?<![\p{L}\p{M}\p{N}])(?<!\p{L}['’])[\p{L}\p{M}\p{N}]+|[\p{Cs}\p{So}]+")]
    private static partial Regex Word();

    private static string ReadHeader(string file)
    {
        const int largest = 100_000_000;
        try
        {
            using var stream = File.OpenRead(file);
            Span<byte> prefix = stackalloc byte[8];
            stream.ReadExactly(prefix);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            var header = new byte[Math.Min(length, Math.Min((ulong)stream.Length - 8, largest))];
            stream.ReadExactly(header);
            return Encoding.UTF8.GetString(header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelProfileException($"The model's file {file} cannot be read: {e.Message}", e);
        }
    }

    private ModelProfile With(JsonElement config) => this with
    {
        DefaultWidth = config.TryGetProperty("width", out var width) ? width.GetInt32() : DefaultWidth,
        DefaultHeight = config.TryGetProperty("height", out var height) ? height.GetInt32() : DefaultHeight,
        DefaultSteps = config.TryGetProperty("num_inference_steps", out var steps) ? steps.GetInt32() : DefaultSteps,
        DefaultGuidanceScale = config.TryGetProperty("guidance_scale", out var scale) ? scale.GetDouble() : DefaultGuidanceScale,
        DefaultScheduler = config.TryGetProperty("scheduler", out var name)
            ? Schedulers.TryNormalize(name.GetString()!, out var known)
                ? known
                : throw new FormatException($"the scheduler '{name}' is not known")
            : DefaultScheduler,
        Examples = config.TryGetProperty("examples", out var examples)
            ? [.. examples.EnumerateArray().Select(example => example.GetString()!)]
            : Examples,
        KnownWords = config.TryGetProperty("known_words", out var words)
            ? [.. words.EnumerateArray().Select(word => word.GetString()!)]
            : KnownWords,
    };

    private static T Read<T>(string directory, string file, Func<JsonElement, T> read)
    {
        var path = Path.Combine(directory, file);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is FileNotFoundException or DirectoryNotFoundException ? "it does not exist" : e.Message;
            throw new InvalidModelProfileException($"The model's file {path} cannot be read: {why}", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidModelProfileException($"The model's file {path} is not as expected: {e.Message}", e);
        }
    }
}

/// <summary>A model whose description cannot be read or makes no sense.</summary>
public sealed class InvalidModelProfileException(string message, Exception? innerException = null)
    : Exception(message.ReplaceLineEndings(" "), innerException);
