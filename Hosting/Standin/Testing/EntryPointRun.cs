using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One run of an AppHost's entry point inside a test: it pauses before it builds and before it starts, until the test says so.
/// </summary>
sealed class EntryPointRun(Assembly assembly, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
{
    // Longer than an AppHost takes to stop.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);

    private static readonly AsyncLocal<EntryPointRun?> Flow = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _created = New<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _ready = New<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource _mayBuild = New();
    private readonly TaskCompletionSource<DistributedApplication> _built = New<DistributedApplication>();
    private readonly TaskCompletionSource _mayStart = New();
    private readonly TaskCompletionSource _started = New();
    private readonly TaskCompletionSource _ended = New();
    private Task? _end;

    /// <summary>The run that the caller is part of.</summary>
    public static EntryPointRun? Current => Flow.Value;

    public bool IsCurrent => Current == this;

    public Assembly Assembly => assembly;

    /// <summary>Runs the entry point up to where it builds.</summary>
    public Task<DistributedApplicationBuilder> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var entryPoint = assembly.EntryPoint
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point.");
        new Thread(() => Run(entryPoint, args)) { IsBackground = true, Name = $"{assembly.GetName().Name}.EntryPoint" }.Start();
        return _ready.Task.WaitAsync(cancellationToken);
    }

    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return await _built.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _mayStart.TrySetResult();
        await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the entry point, wherever it is.</summary>
    public Task EndAsync()
    {
        lock (_ended) return _end ??= EndOnceAsync();
    }

    private async Task EndOnceAsync()
    {
        var gone = new OperationCanceledException("The test has ended.");
        _mayBuild.TrySetException(gone);
        _mayStart.TrySetException(gone);
        if (_built.Task.IsCompletedSuccessfully) await _built.Task.Result.StopAsync().ConfigureAwait(false);
        await _ended.Task.WaitAsync(EndTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Makes the application what a test wants: on any free port, without a dashboard.</summary>
    public void Configure(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        settings.Configuration!.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true")]);
        configureBuilder(options, settings);
    }

    public void Created(DistributedApplicationBuilder builder) => _created.TrySetResult(builder);

    // The entry point calls Build, which is synchronous, on a thread of its own.
    public void WaitForBuild()
    {
        _ready.TrySetResult(_created.Task.GetAwaiter().GetResult());
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public void Built(DistributedApplication application) => _built.TrySetResult(application);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => _mayStart.Task.WaitAsync(cancellationToken);

    public void Started() => _started.TrySetResult();

    private void Run(MethodInfo entryPoint, string[] args)
    {
        Flow.Value = this;
        Exception outcome = new InvalidOperationException(
            $"The entry point of {assembly.GetName().Name} exited without building or starting an application.");
        try
        {
            entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [args]);
        }
        catch (TargetInvocationException e)
        {
            outcome = e.InnerException ?? e;
        }
        _ready.TrySetException(outcome);
        _built.TrySetException(outcome);
        _started.TrySetException(outcome);
        // Nobody need have asked for these.
        _ = _ready.Task.Exception;
        _ = _built.Task.Exception;
        _ = _started.Task.Exception;
        _ended.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
