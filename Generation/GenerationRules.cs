using System.Globalization;
using System.Text;

namespace SdAspire.Generation;

/// <summary>What a task must fulfil. WebUi refuses with it before the queue, the worker after it.</summary>
public static class GenerationRules
{
    public const int MaxPromptLength = 1000;
    public const int MaxClientLength = 100;
    public const int MaxCount = 16;
    public const int MinSteps = 1;
    public const int MaxSteps = 150;
    public const double MinGuidanceScale = 0;
    public const double MaxGuidanceScale = 30;

    /// <summary>The longest side of a picture, in pixels.</summary>
    public const int MaxSide = 1024;

    /// <summary>What is wrong with the task, by the JSON name of the field; empty if nothing is.</summary>
    public static Dictionary<string, string[]> Check(GenerationTask task, ModelProfile model)
    {
        var faults = new Faults();
        if (!TaskId.IsValid(task.Id))
            faults.Add("id", "must be a ULID");
        if (task.Model != model.Name)
            faults.Add("model", $"is not known here; the model is '{model.Name}'");

        if (IsBlank(task.Prompt))
            faults.Add("prompt", "must not be empty");
        else
            CheckText(faults, "prompt", task.Prompt, MaxPromptLength);
        if (task.NegativePrompt is { } negative)
            CheckText(faults, "negativePrompt", negative, MaxPromptLength);
        if (task.Client is { } client)
            CheckText(faults, "client", client, MaxClientLength);

        if (task.Count is < 1 or > MaxCount)
            faults.Add("count", $"must be from 1 to {MaxCount}");
        if (task.Seed is < 0 or > Seeds.Max)
            faults.Add("seed", $"must be from 0 to {Seeds.Max}");
        else if (task.Count is >= 1 and <= MaxCount && task.Seed > Seeds.Max - task.Count + 1)
            faults.Add("seed", $"leaves no room for {task.Count} pictures: the last one's seed is above {Seeds.Max}");
        if (task.Steps is < MinSteps or > MaxSteps)
            faults.Add("steps", $"must be from {MinSteps} to {MaxSteps}");
        if (!(task.GuidanceScale is >= MinGuidanceScale and <= MaxGuidanceScale))
            faults.Add("guidanceScale", $"must be from {MinGuidanceScale} to {MaxGuidanceScale}");
        if (!Schedulers.TryNormalize(task.Scheduler, out _))
            faults.Add("scheduler", $"is not known; known are {string.Join(", ", Schedulers.Known)}");
        CheckSide(faults, "width", task.Width, model.PixelsPerLatent);
        CheckSide(faults, "height", task.Height, model.PixelsPerLatent);
        if (task.Input is { ValueKind: not System.Text.Json.JsonValueKind.Null })
            faults.Add("input", "must be null: picture inputs are not supported");
        return faults.ByField;
    }

    // A zero-width space is no white space to .NET, and nobody sees it either.
    private static bool IsBlank(string text) =>
        text.EnumerateRunes().All(rune => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format);

    private static void CheckText(Faults faults, string field, string text, int maxLength)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (Rune.IsControl(rune))
            {
                faults.Add(field, "must not contain control characters");
                return;
            }
        }
        if (length > maxLength)
            faults.Add(field, $"must not be longer than {maxLength:N0} characters; it has {length:N0}");
    }

    private static void CheckSide(Faults faults, string field, int pixels, int pixelsPerLatent)
    {
        if (pixels < pixelsPerLatent || pixels > MaxSide)
            faults.Add(field, $"must be from {pixelsPerLatent} to {MaxSide} pixels");
        else if (pixels % pixelsPerLatent != 0)
            faults.Add(field, $"must be divisible by {pixelsPerLatent}");
    }

    private sealed class Faults
    {
        public Dictionary<string, string[]> ByField { get; } = new(StringComparer.Ordinal);

        public void Add(string field, string message) =>
            ByField[field] = [.. ByField.GetValueOrDefault(field, []), $"The field {field} {message}."];
    }
}
