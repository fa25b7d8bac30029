namespace SdAspire.Training.Scenes;

/// <summary>Captions of scenes.</summary>
public static class Wording
{
    static readonly string[] BeforeBackground = ["on a {0} background", "on {0}", "with a {0} background"];

    /// <summary>What captions hold beside things, colours and templates.</summary>
    public static IReadOnlyList<string> Frames { get; } = [.. BeforeBackground, "a an small two and"];

    static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["mouse"] = "mice", ["goose"] = "geese", ["fish"] = "fish", ["deer"] = "deer", ["leaf"] = "leaves",
        ["wolf"] = "wolves", ["scarf"] = "scarves", ["potato"] = "potatoes", ["tomato"] = "tomatoes", ["mango"] = "mangoes", ["bread"] = "bread",
        ["broccoli"] = "broccoli", ["tooth"] = "teeth", ["die"] = "dice",
    };

    /// <summary>The plainest caption: what people type, and what is evaluated.</summary>
    public static string Plainest(Scene scene) => Caption(scene, ["{0}"], _ => 0);

    /// <summary>One of the captions that fit.</summary>
    /// <param name="templates">For a single thing; <c>{0}</c> stands for it.</param>
    /// <param name="choose">Draws a number below the given one.</param>
    public static string Caption(Scene scene, IReadOnlyList<string> templates, Func<int, int> choose)
    {
        var article = choose(2) == 1;
        var words = scene.Layout switch
        {
            Layout.Whole => Articled(templates[choose(templates.Count)], scene.First.Name),
            Layout.Small => (article ? "a small " : "small ") + scene.First.Name,
            Layout.Two => "two " + Plural(scene.First.Name),
            _ => article
                ? $"{Articled("a {0}", scene.First.Name)} and {Articled("a {0}", scene.Second!.Name)}"
                : $"{scene.First.Name} and {scene.Second!.Name}",
        };
        return scene.Background is null
            ? words
            : $"{words} {Articled(BeforeBackground[choose(BeforeBackground.Length)], scene.Background.Name)}";
    }

    /// <summary>English plural of a noun with its attributes.</summary>
    public static string Plural(string name)
    {
        if (name.IndexOf(" of ", StringComparison.Ordinal) is var of and > 0)
            return Plural(name[..of]) + name[of..];
        var last = name.LastIndexOf(' ') + 1;
        var (before, noun) = (name[..last], name[last..]);
        return before + noun switch
        {
            _ when Irregular.TryGetValue(noun, out var plural) => plural,
            [.., 's' or 'x'] or [.., 'c' or 's', 'h'] when !IsPlural(noun) => noun + "es",
            [.., 's'] => noun,
            [.., 'y'] when !"aeiou".Contains(noun[^2]) => noun[..^1] + "ies",
            _ => noun + "s",
        };
    }

    // "grapes" and "glasses" are, "bus" and "compass" are not.
    static bool IsPlural(string noun) => noun is [.., not ('s' or 'u'), 's'];

    static string Articled(string template, string name)
    {
        var filled = template.Replace("{0}", name, StringComparison.Ordinal);
        return "aeiou".Contains(char.ToLowerInvariant(name[0]))
            ? filled.Replace($"a {name}", $"an {name}", StringComparison.Ordinal)
            : filled;
    }
}
