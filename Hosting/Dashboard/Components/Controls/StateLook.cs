using MudBlazor;
using SdAspire.Hosting.Dashboard.Resources;

namespace SdAspire.Hosting.Dashboard.Components.Controls;

/// <summary>A resource's state as icon, colour and words.</summary>
internal sealed record StateLook(string Kind, string Icon, string Text, string? Title)
{
    private const string ExitCodeProperty = "resource.exitCode";

    public static StateLook Of(ResourceInfo resource)
    {
        var state = resource.State;
        if (string.IsNullOrEmpty(state))
            return new("quiet", Icons.Material.Outlined.HelpOutline, "Unknown", "The AppHost has not told its state yet.");

        var exitCode = resource.Properties.FirstOrDefault(one => one.Name == ExitCodeProperty)?.Value;
        var hasEnded = IsEnded(resource);
        var text = hasEnded && exitCode is { Length: > 0 } ? $"{Words(state)} ({exitCode})" : Words(state);
        var title = hasEnded && exitCode is { Length: > 0 } ? $"It ended with exit code {exitCode}." : null;

        var (kind, icon) = (resource.StateStyle, state) switch
        {
            (ResourceStateStyle.Error, _) or (_, "FailedToStart") => ("error", Icons.Material.Filled.Cancel),
            (ResourceStateStyle.Warning, _) => ("warning", Icons.Material.Filled.Warning),
            (_, "Starting" or "Building" or "Stopping" or "Pending") => ("info", Icons.Material.Outlined.HourglassTop),
            (_, "Waiting") => ("info", Icons.Material.Outlined.Schedule),
            (_, "NotStarted") => ("quiet", Icons.Material.Outlined.RadioButtonUnchecked),
            (_, "Finished") => ("quiet", Icons.Material.Outlined.CheckCircle),
            (_, "Exited") => exitCode is "0" or null
                ? ("quiet", Icons.Material.Outlined.StopCircle) : ("error", Icons.Material.Filled.Cancel),
            (ResourceStateStyle.Success, _) or (_, "Running" or "Active") => ("success", Icons.Material.Filled.CheckCircle),
            (ResourceStateStyle.Info, _) => ("info", Icons.Material.Outlined.Info),
            _ => ("quiet", Icons.Material.Outlined.Circle),
        };
        if (kind == "success" && resource.Health is ResourceHealth.Unhealthy or ResourceHealth.Degraded)
            (kind, icon) = ("warning", Icons.Material.Filled.Warning);
        return new(kind, icon, text, title);
    }

    /// <summary>Whether it has come to an end by itself or was ended.</summary>
    public static bool IsEnded(ResourceInfo resource) => resource.State is "Finished" or "Exited" or "FailedToStart";

    /// <summary>Whether it ended as it should.</summary>
    public static bool IsDone(ResourceInfo resource) =>
        resource.State is "Finished" or "Exited" && resource.StateStyle is not ResourceStateStyle.Error
        && resource.Properties.FirstOrDefault(one => one.Name == ExitCodeProperty)?.Value is null or "" or "0";

    private static string Words(string state) => state switch
    {
        "FailedToStart" => "Failed to start",
        "NotStarted" => "Not started",
        "RuntimeUnhealthy" => "Runtime unhealthy",
        _ => state,
    };
}
