using System.Text;

namespace SdAspire.Generation;

/// <summary>What a queue of tasks may be called.</summary>
public static class QueueName
{
    // RabbitMQ's own limit, in bytes of UTF-8.
    private const int MaxBytes = 255;

    /// <summary>Why the queue cannot have this name, as the rest of a sentence; null if it can.</summary>
    public static string? Fault(string? name) => name switch
    {
        null or "" => "is not set",
        _ when Encoding.UTF8.GetByteCount(name) > MaxBytes => $"is longer than {MaxBytes} bytes",
        _ when name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) =>
            $"is '{OneLine(name)}', which has white space or control characters",
        _ when name.StartsWith("amq.", StringComparison.Ordinal) => $"is '{name}', and names in amq. belong to the broker",
        GenerationTopology.DeadQueue => $"is '{name}', where the dead letters of all queues go",
        _ => null,
    };

    private static string OneLine(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
