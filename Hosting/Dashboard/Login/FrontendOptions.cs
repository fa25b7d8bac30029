using System.ComponentModel.DataAnnotations;

namespace SdAspire.Hosting.Dashboard.Login;

/// <summary>Who may look, from the section <c>Dashboard:Frontend</c>.</summary>
internal sealed class FrontendOptions : IValidatableObject
{
    public const string Section = "Dashboard:Frontend";

    /// <summary><see cref="FrontendAuthMode.BrowserToken"/> unless it is said otherwise.</summary>
    [EnumDataType(typeof(FrontendAuthMode))]
    public FrontendAuthMode AuthMode { get; set; } = FrontendAuthMode.BrowserToken;

    /// <summary>What a browser must show once.</summary>
    public string? BrowserToken { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AuthMode is FrontendAuthMode.BrowserToken && string.IsNullOrWhiteSpace(BrowserToken))
        {
            yield return new ValidationResult(
                "Dashboard__Frontend__BrowserToken is missing: give a token, or set Dashboard__Frontend__AuthMode to Unsecured.",
                [nameof(BrowserToken)]);
        }
    }
}

/// <summary>How the pages are guarded.</summary>
internal enum FrontendAuthMode
{
    /// <summary>By a token that a cookie remembers.</summary>
    BrowserToken,

    /// <summary>Not at all.</summary>
    Unsecured,
}
