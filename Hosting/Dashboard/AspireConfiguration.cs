namespace SdAspire.Hosting.Dashboard;

internal static class AspireConfiguration
{
    /// <summary>A variable that Aspire names <c>ASPIRE_…</c> and once named <c>DOTNET_…</c>; null where it is empty.</summary>
    public static string? GetAspireValue(this IConfiguration configuration, string name) =>
        new[] { configuration[$"ASPIRE_{name}"], configuration[$"DOTNET_{name}"] }
            .FirstOrDefault(value => !string.IsNullOrEmpty(value));
}
