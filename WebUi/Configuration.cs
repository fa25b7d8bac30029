using System.Diagnostics.CodeAnalysis;
using SdAspire.Generation;

namespace SdAspire.WebUi;

/// <summary>What must be configured before it makes sense to start.</summary>
internal static class Configuration
{
    public static bool TryRead(
        IConfiguration configuration, [NotNullWhen(true)] out ModelProfile? profile, [NotNullWhen(false)] out string? fault)
    {
        profile = null;
        fault = ((string[])["messaging", "storage"])
            .Where(name => string.IsNullOrEmpty(configuration.GetConnectionString(name)))
            .Select(name => $"ConnectionStrings__{name} is not set.")
            .FirstOrDefault();
        if (fault is not null)
            return false;
        if (configuration["Worker:Model"] is not { Length: > 0 } directory)
        {
            fault = "Worker__Model is not set: the directory of the model, in diffusers layout.";
            return false;
        }
        try
        {
            profile = ModelProfile.FromDirectory(directory);
            return true;
        }
        catch (InvalidModelProfileException e)
        {
            fault = e.Message;
            return false;
        }
    }
}
