using Microsoft.Extensions.Logging;

namespace SdAspire.Worker.Jobs;

/// <summary>The file that a probe or the launcher looks for.</summary>
public sealed partial class ReadinessFile(WorkerOptions options, ILogger<ReadinessFile> logger)
{
    private readonly Lock _gate = new();

    public void Create() => Change(file => File.WriteAllBytes(file, []));

    public void Remove() => Change(File.Delete);

    /// <summary>Creates it, and removes it when the inbox can take nothing any more.</summary>
    public void CreateWhileOpen(TaskInbox inbox)
    {
        inbox.Closed += Remove;
        Create();
        // Whoever was told before saw no file.
        if (!inbox.IsOpen)
            Remove();
    }

    private void Change(Action<string> change)
    {
        if (options.ReadinessFile is not { } file)
            return;
        try
        {
            lock (_gate)
                change(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotReady(file, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The readiness file {File} cannot be written: {Reason}")]
    private partial void LogNotReady(string file, string reason);
}
