using Aspire.Hosting.ApplicationModel;
using Grpc.Core;
using SdAspire.Hosting.ResourceService;
using ResourceCommandResponseKind = SdAspire.Hosting.ResourceService.ResourceCommandResponseKind;

namespace Aspire.Hosting.Dashboard;

/// <summary>Answers what the dashboard asks about the resources.</summary>
sealed class ResourceService(
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands,
    string applicationName,
    CancellationToken stopping) : DashboardService.DashboardServiceBase
{
    private const string AppHostSuffix = ".AppHost";

    // Below what a gRPC client takes in one message.
    private const int MaxBatchCharacters = 1 << 20;

    public override Task<ApplicationInformationResponse> GetApplicationInformation(
        ApplicationInformationRequest request, ServerCallContext context) =>
        Task.FromResult(new ApplicationInformationResponse
        {
            ApplicationName = applicationName.EndsWith(AppHostSuffix, StringComparison.OrdinalIgnoreCase)
                ? applicationName[..^AppHostSuffix.Length]
                : applicationName,
        });

    public override Task WatchResources(
        WatchResourcesRequest request, IServerStreamWriter<WatchResourcesUpdate> responseStream, ServerCallContext context) =>
        UntilStoppedAsync(context, async cancellationToken =>
        {
            using var subscription = notifications.Subscribe();
            var initial = new InitialResourceData();
            initial.Resources.AddRange(subscription.Current.Select(ResourceMapping.ToResource));
            await responseStream.WriteAsync(new() { InitialData = initial }, cancellationToken).ConfigureAwait(false);

            while (await subscription.Changes.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // Only the latest state of a resource is of interest to whoever is late.
                var latest = new Dictionary<string, ResourceEvent>(StringComparer.OrdinalIgnoreCase);
                while (subscription.Changes.TryRead(out var change)) latest[change.ResourceId] = change;
                var changes = new WatchResourcesChanges();
                changes.Value.AddRange(latest.Values.Select(ResourceMapping.ToChange));
                await responseStream.WriteAsync(new() { Changes = changes }, cancellationToken).ConfigureAwait(false);
            }
        });

    public override Task WatchResourceConsoleLogs(
        WatchResourceConsoleLogsRequest request,
        IServerStreamWriter<WatchResourceConsoleLogsUpdate> responseStream,
        ServerCallContext context) =>
        UntilStoppedAsync(context, async cancellationToken =>
        {
            var log = request.SuppressFollow
                ? loggers.GetAllAsync(request.ResourceName)
                : loggers.WatchAsync(request.ResourceName);
            await foreach (var lines in log.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                var update = new WatchResourceConsoleLogsUpdate();
                var characters = 0;
                foreach (var line in lines)
                {
                    update.LogLines.Add(new ConsoleLogLine
                    {
                        LineNumber = line.LineNumber,
                        Text = line.Content,
                        IsStdErr = line.IsErrorMessage,
                    });
                    if ((characters += line.Content.Length) < MaxBatchCharacters) continue;
                    await responseStream.WriteAsync(update, cancellationToken).ConfigureAwait(false);
                    (update, characters) = (new(), 0);
                }
                if (update.LogLines.Count > 0) await responseStream.WriteAsync(update, cancellationToken).ConfigureAwait(false);
            }
        });

    public override async Task<ResourceCommandResponse> ExecuteResourceCommand(
        ResourceCommandRequest request, ServerCallContext context)
    {
        var result = await commands.ExecuteCommandAsync(
            request.ResourceName, request.CommandName, context.CancellationToken).ConfigureAwait(false);
        var response = new ResourceCommandResponse
        {
            Kind = result switch
            {
                { Success: true } => ResourceCommandResponseKind.Succeeded,
                { Canceled: true } => ResourceCommandResponseKind.Cancelled,
                _ => ResourceCommandResponseKind.Failed,
            },
        };
        if (result.Message is { } message) response.Message = message;
        return response;
    }

    private async Task UntilStoppedAsync(ServerCallContext context, Func<CancellationToken, Task> stream)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        try
        {
            await stream(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (
            either.IsCancellationRequested && e is (OperationCanceledException or InvalidOperationException or IOException))
        {
            // The dashboard has gone, or the application stops.
        }
    }
}
