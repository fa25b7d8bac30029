using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Start, stop and restart: what a user can tell every process.</summary>
static class LifecycleCommands
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    public static void AddTo(IResource resource, ResourceSupervisor supervisor)
    {
        var name = resource.Name;
        Add(KnownResourceCommands.StartCommand, "Start", "Start resource", "Play", IconVariant.Filled, isHighlighted: true, StartState,
            token => StartAsync($"Successfully started '{name}'.", token));
        Add(KnownResourceCommands.StopCommand, "Stop", "Stop resource", "Stop", IconVariant.Filled, isHighlighted: true, StopState,
            async token =>
            {
                await supervisor.StopAsync(StopGrace).WaitAsync(token).ConfigureAwait(false);
                return CommandResults.Success($"Successfully stopped '{name}'.");
            });
        Add(KnownResourceCommands.RestartCommand, "Restart", "Restart resource", "ArrowCounterclockwise", IconVariant.Regular,
            isHighlighted: false, RestartState,
            async token =>
            {
                await supervisor.StopAsync(StopGrace).WaitAsync(token).ConfigureAwait(false);
                return await StartAsync($"Successfully restarted '{name}'.", token).ConfigureAwait(false);
            });

        async Task<ExecuteCommandResult> StartAsync(string success, CancellationToken cancellationToken) =>
            await supervisor.StartAsync(commanded: true, cancellationToken).ConfigureAwait(false) is { } failure
                ? CommandResults.Failure(failure)
                : CommandResults.Success(success);

        void Add(
            string command,
            string displayName,
            string description,
            string icon,
            IconVariant variant,
            bool isHighlighted,
            Func<string?, ResourceCommandState> state,
            Func<CancellationToken, Task<ExecuteCommandResult>> execute) =>
            resource.Annotations.Add(new ResourceCommandAnnotation(
                command,
                displayName,
                context => state(context.ResourceSnapshot.State?.Text),
                context => execute(context.CancellationToken),
                description,
                parameter: null,
                confirmationMessage: null,
                icon,
                variant,
                isHighlighted));
    }

    private static ResourceCommandState StartState(string? state) =>
        state is null || state == KnownResourceStates.Starting ? ResourceCommandState.Disabled
        : IsStopped(state) || state == KnownResourceStates.Waiting || state == KnownResourceStates.Restarting
            ? ResourceCommandState.Enabled
        : ResourceCommandState.Hidden;

    private static ResourceCommandState StopState(string? state) =>
        state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled
        : state == KnownResourceStates.Running || state == KnownResourceStates.Restarting ? ResourceCommandState.Enabled
        : ResourceCommandState.Hidden;

    private static ResourceCommandState RestartState(string? state) =>
        state == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    private static bool IsStopped(string state) =>
        KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted;
}
