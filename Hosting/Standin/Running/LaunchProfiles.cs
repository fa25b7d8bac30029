using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>A profile of <c>Properties/launchSettings.json</c>.</summary>
sealed record LaunchProfile(string Name, IReadOnlyList<BindingAddress> Urls, IReadOnlyDictionary<string, string> EnvironmentVariables);

/// <summary>The profiles of a project that start the project itself.</summary>
sealed class LaunchProfiles(string project, IReadOnlyList<LaunchProfile> profiles)
{
    public static LaunchProfiles Read(string projectPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path)) return new(projectPath, []);
        try
        {
            var settings = JsonSerializer.Deserialize(File.ReadAllBytes(path), LaunchSettingsJson.Default.LaunchSettingsFile);
            return new(projectPath,
            [
                .. from profile in settings?.Profiles ?? []
                   where profile.Value.CommandName == "Project"
                   select new LaunchProfile(
                       profile.Key,
                       [.. (profile.Value.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(BindingAddress.Parse)],
                       profile.Value.EnvironmentVariables ?? []),
            ]);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new DistributedApplicationException($"{path} is not valid: {e.Message}", e);
        }
    }

    public LaunchProfile Get(string name) => profiles.FirstOrDefault(p => p.Name == name)
        ?? throw new DistributedApplicationException($"Launch settings file of '{project}' does not contain '{name}' profile.");

    /// <summary>The profile of the same name as the AppHost's own, or else the first.</summary>
    public LaunchProfile? Select(IConfiguration configuration)
    {
        var preferred = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        return profiles.FirstOrDefault(p => p.Name == preferred) ?? profiles.FirstOrDefault();
    }
}

sealed record LaunchSettingsFile(Dictionary<string, LaunchProfileEntry>? Profiles);

sealed record LaunchProfileEntry(string? CommandName, string? ApplicationUrl, Dictionary<string, string>? EnvironmentVariables);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(LaunchSettingsFile))]
sealed partial class LaunchSettingsJson : JsonSerializerContext;
