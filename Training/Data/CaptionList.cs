using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Training.Data;

/// <summary>A picture to learn by its label, and other words that mean this picture and no other.</summary>
/// <param name="Recoloured">What it is called when it is turned to a colour: "apple" of the "red apple". Null for what keeps its own.</param>
public sealed record Caption(string Label, IReadOnlyList<string>? Synonyms = null, string? Recoloured = null)
{
    /// <summary>The label and the synonyms.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Words { get; } = [Label, .. Synonyms ?? []];
}

/// <summary>The captions a model learns; <c>{0}</c> in a template stands for the label or a synonym.</summary>
public sealed record CaptionList(IReadOnlyList<string> Templates, IReadOnlyList<Caption> Captions)
{
    /// <summary>Reads captions.json and checks it.</summary>
    public static CaptionList Load(string path)
    {
        CaptionList list;
        try
        {
            list = JsonSerializer.Deserialize(File.ReadAllBytes(path), PictureJson.Default.CaptionList) ?? throw new JsonException("empty");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"{path}: not a readable caption list ({fault.Message})", fault);
        }
        if (list.Templates is not { Count: > 0 } || list.Templates.Any(template => !template.Contains("{0}", StringComparison.Ordinal)))
            throw new TrainingException($"{path}: every template needs {{0}}, and there must be one.");
        if (list.Captions is not { Count: > 0 })
            throw new TrainingException($"{path}: no captions.");
        var words = list.Captions.SelectMany(caption => caption.Words);
        var twice = words.GroupBy(word => word, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? list : throw new TrainingException($"{path}: \"{twice.Key}\" stands for two pictures.");
    }

    /// <summary>Every text that means this picture; the first is the plain label.</summary>
    public IReadOnlyList<string> Variants(Caption caption) =>
    [
        .. caption.Words
            .SelectMany(words => Templates.Select(template => template.Replace("{0}", words, StringComparison.Ordinal))),
    ];

    /// <summary>Whether these words mean a picture as it is.</summary>
    public bool Stands(string words) =>
        Captions.Any(caption => caption.Words.Contains(words, StringComparer.OrdinalIgnoreCase));

    /// <summary>The captions with their positions in the pictures; a label that no picture has is a fault.</summary>
    public IReadOnlyList<(Caption Caption, int Picture)> Locate(PictureSet pictures) =>
    [
        .. Captions.Select(caption => (caption, pictures.IndexOf(caption.Label) is var i and >= 0
            ? i
            : throw new TrainingException($"No prepared picture has the label \"{caption.Label}\"."))),
    ];
}
