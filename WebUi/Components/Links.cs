using System.Globalization;
using SdAspire.Generation;

namespace SdAspire.WebUi.Components;

/// <summary>Addresses of pages.</summary>
internal static class Links
{
    /// <summary>The form with this prompt.</summary>
    public static string Example(string prompt, string model) => Home([new("prompt", prompt), new("model", model)]);

    /// <summary>The form with the task's prompt: by its id, since a whole prompt can be too long for an address.</summary>
    public static string Again(GenerationTask task) => Home([new("again", task.Id)]);

    /// <summary>The form with everything that the task said, and the seed of one of its pictures, to change some of it.</summary>
    public static string Vary(GenerationTask task, long seed) => Home([new("vary", task.Id), new("seed", Text(seed))]);

    /// <summary>The large view.</summary>
    public static string View(string id) => $"/generations/{id}";

    /// <summary>The gallery's next page.</summary>
    /// <param name="search">What it is searched for; null for all of it.</param>
    public static string Older(string before, string? search) =>
        Home(search is null ? [new("before", before)] : [new("before", before), new("q", search)]);

    private static string Home(IEnumerable<KeyValuePair<string, string?>> fields) =>
        "/" + QueryString.Create(fields.Where(field => field.Value is not null));

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
