using System.Diagnostics.CodeAnalysis;
using SdAspire.Generation;

namespace SdAspire.WebUi;

/// <summary>What must be configured before it makes sense to start.</summary>
internal static class Configuration
{
    public static bool TryRead(
        IConfiguration configuration, [NotNullWhen(true)] out ModelCatalog? models, [NotNullWhen(false)] out string? fault)
    {
        models = null;
        fault = ((string[])["messaging", "storage"])
            .Where(name => string.IsNullOrEmpty(configuration.GetConnectionString(name)))
            .Select(name => $"ConnectionStrings__{name} is not set.")
            .FirstOrDefault();
        if (fault is not null)
            return false;
        try
        {
            models = ModelCatalog.FromConfiguration(configuration);
            return true;
        }
        catch (InvalidModelProfileException e)
        {
            fault = e.Message;
            return false;
        }
    }
}
