using System.Globalization;
using Microsoft.Extensions.Logging;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// The file that a probe or the launcher looks for. Its line says which message was taken last: <c>TASKID ATTEMPT</c>, with
/// <c>-</c> for a message that is no task; it is empty where none was taken yet.
/// </summary>
public sealed partial class ReadinessFile(WorkerOptions options, ILogger<ReadinessFile> logger)
{
    private readonly Lock _gate = new();

    public void Remove() => Change(File.Delete);

    /// <summary>A message was taken, unless the inbox can take nothing any more, and what it brought is in the queue again.</summary>
    /// <param name="id">The task; null if the message is none.</param>
    /// <param name="attempt">From 1.</param>
    public void Taken(TaskInbox inbox, string? id, int attempt) =>
        WriteWhileOpen(inbox, string.Create(CultureInfo.InvariantCulture, $"{id ?? "-"} {attempt}\n"));

    /// <summary>Creates it before anything is taken, and removes it when the inbox can take nothing any more.</summary>
    public void CreateWhileOpen(TaskInbox inbox)
    {
        inbox.Closed += Remove;
        WriteWhileOpen(inbox, "");
    }

    private void WriteWhileOpen(TaskInbox inbox, string line) => Change(file =>
    {
        // Who is told of the closing waits for the gate, and removes what is written now.
        if (!inbox.IsOpen)
            return;
        // Aside and renamed: who finds it finds its line.
        var aside = file + ".part";
        File.WriteAllText(aside, line);
        File.Move(aside, file, overwrite: true);
    });

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
