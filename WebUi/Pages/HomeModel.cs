using Microsoft.AspNetCore.Antiforgery;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Pages;

/// <summary>What the page shows.</summary>
public sealed record HomeModel
{
    public required ModelCatalog Models { get; init; }

    /// <summary>The model that the form has chosen; the default where it names none that is served.</summary>
    public ModelProfile Profile => (Models.Find(Form.Model) ?? Models.Default).Profile;

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<GenerationState> Generations { get; init; }

    /// <summary>The version of the board that this is, for the stream of what comes later.</summary>
    public required string Since { get; init; }

    public required IReadOnlyList<string> Notices { get; init; }

    public required AntiforgeryTokenSet Antiforgery { get; init; }

    /// <summary>What the form holds; after a refusal, what was sent.</summary>
    public required HomeForm Form { get; init; }

    /// <summary>Whether there is a login to end.</summary>
    public bool MaySignOut { get; init; }

    /// <summary>Why the form was refused.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>The generation that those shown are older than; null on the page with the newest.</summary>
    public string? Before { get; init; }

    /// <summary>What the gallery is searched for; null for all of it.</summary>
    public string? Search { get; init; }

    public required HouseView House { get; init; }

    /// <summary>Whether this is the page with the newest generations.</summary>
    public bool IsNewest => Before is null && Search is null;

    /// <summary>Where the older ones are; null at the end.</summary>
    public string? Older { get; init; }
}

/// <summary>The form's fields as text, as a browser sends them.</summary>
public sealed record HomeForm
{
    public string? Prompt { get; init; }

    public string? NegativePrompt { get; init; }

    public string? Count { get; init; }

    public string? Steps { get; init; }

    public string? GuidanceScale { get; init; }

    public string? Seed { get; init; }

    public string? Scheduler { get; init; }

    public string? Width { get; init; }

    public string? Height { get; init; }

    /// <summary>"true" for a generation of its own for each picture.</summary>
    public string? Parallel { get; init; }

    public string? Model { get; init; }

    public bool HasDetails => !string.IsNullOrEmpty(NegativePrompt + Steps + GuidanceScale + Seed + Scheduler + Width + Height);
}
