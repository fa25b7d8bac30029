namespace SdAspire.Tests.Shared.Faults;

/// <summary>One fault under way.</summary>
internal sealed class FaultRun(Fault fault, Application app, Load load, StorageProxy? proxy, CancellationToken drained)
{
    private int _injected;
    private int _right;

    public Application App => app;

    public Load Load => load;

    public StorageProxy Proxy => proxy ?? throw new InvalidOperationException($"{fault.Name} has no proxy.");

    public RawMessages Raw { get; } = new(app);

    public int Times => fault.Times;

    public TimeSpan Standstill => fault.Standstill;

    /// <summary>Nothing is left to be painted.</summary>
    public CancellationToken Drained => drained;

    /// <summary>How often it was done.</summary>
    public int Injected => Volatile.Read(ref _injected);

    /// <summary>How often that hit the moment that was meant.</summary>
    public int Right => Volatile.Read(ref _right);

    /// <summary>Accepted tasks that are dead letters in the end, because the fault makes them so.</summary>
    public HashSet<string> Doomed { get; } = [];

    /// <summary>Processes that had to end and did not.</summary>
    public List<LinuxProcess> Left { get; } = [];

    public void Count(bool right = true)
    {
        Interlocked.Increment(ref _injected);
        if (right)
            Interlocked.Increment(ref _right);
    }

    /// <summary>Waits until a part of the prompts has been answered, so that there is work to disturb.</summary>
    public Task UnderWayAsync(double part = 0.2) => load.ReachAsync((int)(load.Prompts * part));

    /// <summary>kill -9; false if it had ended already.</summary>
    public static bool Kill(LinuxProcess? process) =>
        process is { IsRunning: true } && LinuxProcess.Send(process.Id, Signal.Kill);
}
