using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>Our headers on messages. Trace context is the client's own (W3C <c>traceparent</c>).</summary>
public static class MessageHeaders
{
    /// <summary>Attempts that failed before this delivery.</summary>
    public const string Attempts = "x-attempts";

    /// <summary>Why a message is a dead letter, for a person to read.</summary>
    public const string Reason = "x-reason";

    /// <summary>The attempts that failed: see <see cref="FailedAttempt"/>.</summary>
    public const string History = "x-history";

    /// <summary>Which worker made a message a dead letter.</summary>
    public const string Worker = "x-worker";

    /// <summary>When a message became a dead letter.</summary>
    public const string FailedAt = "x-failed-at";

    // The broker's own, on what it delivers again.
    internal const string DeliveryCount = "x-delivery-count";

    // The broker's own, on what it gave up by itself.
    private const string Death = "x-death";

    public static int ReadAttempts(IReadOnlyBasicProperties properties) => ReadCount(properties, Attempts);

    /// <summary>How often the broker delivered the message before, without hearing what became of it or with a nack.</summary>
    public static int ReadDeliveryCount(IReadOnlyBasicProperties properties) => ReadCount(properties, DeliveryCount);

    /// <summary>Why the message is a dead letter, in words.</summary>
    public static string ReadReason(IReadOnlyBasicProperties properties)
    {
        if (ReadText(properties.Headers, Reason) is { Length: > 0 } reason)
            return reason;
        var deaths = properties.Headers?.TryGetValue(Death, out var value) == true ? value as IEnumerable<object?> : null;
        return ReadText(deaths?.FirstOrDefault() as IDictionary<string, object?>, "reason") switch
        {
            "delivery_limit" => "Its workers were killed or lost too often.",
            null => "No reason is known.",
            var death => $"The broker gave it up ({death}).",
        };
    }

    /// <summary>The publisher's span, so that a worker continues the trace that began with the click.</summary>
    public static ActivityContext ReadTraceContext(IReadOnlyBasicProperties properties)
    {
        var context = RabbitMQActivitySource.ContextExtractor(properties);
        // Said to be remote, it is handed on even where it is not recorded.
        return context == default
            ? default
            : new(context.TraceId, context.SpanId, context.TraceFlags, context.TraceState, isRemote: true);
    }

    private static string? ReadText(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true
            ? value switch { byte[] text => Encoding.UTF8.GetString(text), string text => text, _ => null }
            : null;

    private static int ReadCount(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true
            ? value switch { int i => i, long l => (int)Math.Clamp(l, 0, int.MaxValue), short s => s, byte b => b, _ => 0 }
            : 0;
}
