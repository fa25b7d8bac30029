using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The commands that every process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "resource-start";

    /// <summary>Stops it.</summary>
    public static readonly string StopCommand = "resource-stop";

    /// <summary>Stops it and starts it again.</summary>
    public static readonly string RestartCommand = "resource-restart";
}

/// <summary>A command that a user can give to a resource.</summary>
/// <param name="name">The name.</param>
/// <param name="displayName">The name that a dashboard shows.</param>
/// <param name="updateState">Whether it can be given now.</param>
/// <param name="executeCommand">Carries it out.</param>
/// <param name="displayDescription">What it does.</param>
/// <param name="parameter">Not used.</param>
/// <param name="confirmationMessage">What the user is asked before.</param>
/// <param name="iconName">The icon that a dashboard shows.</param>
/// <param name="iconVariant">The icon's variant.</param>
/// <param name="isHighlighted">Whether it is shown before others.</param>
public sealed class ResourceCommandAnnotation(
    string name,
    string displayName,
    Func<UpdateCommandStateContext, ResourceCommandState> updateState,
    Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
    string? displayDescription,
    object? parameter,
    string? confirmationMessage,
    string? iconName,
    IconVariant? iconVariant,
    bool isHighlighted) : IResourceAnnotation
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>The name that a dashboard shows.</summary>
    public string DisplayName => displayName;

    /// <summary>Whether it can be given now.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState => updateState;

    /// <summary>Carries it out.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand => executeCommand;

    /// <summary>What it does.</summary>
    public string? DisplayDescription => displayDescription;

    /// <summary>What the user is asked before.</summary>
    public string? ConfirmationMessage => confirmationMessage;

    /// <summary>The icon that a dashboard shows.</summary>
    public string? IconName => iconName;

    /// <summary>The icon's variant.</summary>
    public IconVariant? IconVariant => iconVariant;

    /// <summary>Whether it is shown before others.</summary>
    public bool IsHighlighted => isHighlighted;

    internal ResourceCommandSnapshot Snapshot(CustomResourceSnapshot resource, IServiceProvider services) => new(
        name,
        updateState(new UpdateCommandStateContext { ResourceSnapshot = resource, ServiceProvider = services }),
        displayName,
        displayDescription,
        parameter,
        confirmationMessage,
        iconName,
        iconVariant,
        isHighlighted);
}

/// <summary>Whether a command can be given.</summary>
public enum ResourceCommandState
{
    /// <summary>It can.</summary>
    Enabled = 0,

    /// <summary>It cannot now.</summary>
    Disabled = 1,

    /// <summary>It makes no sense now.</summary>
    Hidden = 2,
}

/// <summary>The look of an icon.</summary>
public enum IconVariant
{
    /// <summary>Its outline.</summary>
    Regular = 0,

    /// <summary>Filled.</summary>
    Filled = 1,
}

/// <summary>More about a command.</summary>
public class CommandOptions
{
    /// <summary>What it does.</summary>
    public string? Description { get; set; }

    /// <summary>What the user is asked before.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>The icon that a dashboard shows.</summary>
    public string? IconName { get; set; }

    /// <summary>The icon's variant.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Whether it is shown before others.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Whether it can be given now; always by default.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

/// <summary>What tells whether a command can be given.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>What is known of the resource.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>The AppHost's own services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}

/// <summary>What a command works on.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>The id of the resource.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The AppHost's own services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>Writes into the resource's log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Cancels the command.</summary>
    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>What became of a command.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Whether it was carried out.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether it was cancelled.</summary>
    public bool Canceled { get; init; }

    /// <summary>What it says, or why it failed.</summary>
    public string? Message { get; init; }
}

/// <summary>Makes results of commands.</summary>
public static class CommandResults
{
    /// <summary>It was carried out.</summary>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It was carried out.</summary>
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    /// <summary>It failed.</summary>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    /// <summary>It failed.</summary>
    public static ExecuteCommandResult Failure(Exception exception) => Failure(exception.Message);

    /// <summary>It was cancelled.</summary>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
