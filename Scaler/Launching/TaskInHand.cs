using System.Globalization;

namespace SdAspire.Scaler.Launching;

/// <summary>The message that a worker took last, as its readiness file names it.</summary>
/// <param name="Task">The task's id.</param>
/// <param name="Attempt">The how manieth attempt it is, from 1.</param>
public sealed record TaskInHand(string Task, int Attempt)
{
    private const int MaxLength = 256;

    /// <summary>Null while there is no file, and where the message is no task or is not told.</summary>
    public static TaskInHand? Read(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var text = new char[MaxLength];
            var line = text.AsSpan(0, reader.ReadBlock(text)).Trim().ToString().Split(' ');
            return line is [not "-" and not "", var attempt]
                && int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new(line[0], number)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
