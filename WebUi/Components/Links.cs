namespace SdAspire.WebUi.Components;

/// <summary>Addresses of the page with the form filled in.</summary>
internal static class Links
{
    public static string Again(string prompt, string model) =>
        $"/?prompt={Uri.EscapeDataString(prompt)}&model={Uri.EscapeDataString(model)}";
}
