namespace Aspire.Hosting.ApplicationModel;

static class ModelName
{
    private const int MaxLength = 64;

    public static void Validate(string target, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Problem(name) is { } problem)
            throw new ArgumentException($"{target} name '{name}' is invalid. Name {problem}.", nameof(name));
    }

    private static string? Problem(string name)
    {
        if (name.Length is 0 or > MaxLength) return $"must be between 1 and {MaxLength} characters long";
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return "must contain only ASCII letters, digits, and hyphens";
        if (!char.IsAsciiLetter(name[0])) return "must start with an ASCII letter";
        if (name.Contains("--", StringComparison.Ordinal)) return "cannot contain consecutive hyphens";
        return name.EndsWith('-') ? "cannot end with a hyphen" : null;
    }
}
