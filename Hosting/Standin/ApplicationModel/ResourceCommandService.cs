using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public partial class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceCommandService(
        ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider services) =>
        (_notifications, _loggers, _services) = (notifications, loggers, services);

    /// <summary>Gives a command to the resource.</summary>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    }

    /// <summary>Gives a command to the resource of that id.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (!_notifications.TryGetCurrentState(resourceId, out var current))
            return CommandResults.Failure($"Resource '{resourceId}' not found.");
        var command = current.Resource.Annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(c => c.Name == commandName);
        if (command is null)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{resourceId}'.");
        if (command.Snapshot(current.Snapshot, _services).State == ResourceCommandState.Disabled)
            return CommandResults.Failure(
                $"Command '{commandName}' is not available for resource '{resourceId}' in state {current.Snapshot.State?.Text}.");

        var logger = _loggers.GetLogger(resourceId);
        LogExecuting(logger, commandName);
        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext
            {
                ResourceName = current.ResourceId,
                ServiceProvider = _services,
                Logger = logger,
                CancellationToken = cancellationToken,
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception e)
        {
            LogFailed(logger, e, commandName);
            return CommandResults.Failure(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Executing command '{Command}'.")]
    private static partial void LogExecuting(ILogger logger, string command);

    [LoggerMessage(Level = LogLevel.Error, Message = "Error executing command '{Command}'.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string command);
}
