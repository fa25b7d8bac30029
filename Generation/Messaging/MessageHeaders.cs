using System.Diagnostics;
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
    private const string DeliveryCount = "x-delivery-count";

    public static int ReadAttempts(IReadOnlyBasicProperties properties) => ReadCount(properties, Attempts);

    /// <summary>How often the broker delivered the message before, without hearing what became of it or with a nack.</summary>
    public static int ReadDeliveryCount(IReadOnlyBasicProperties properties) => ReadCount(properties, DeliveryCount);

    /// <summary>The publisher's span, so that a worker continues the trace that began with the click.</summary>
    public static ActivityContext ReadTraceContext(IReadOnlyBasicProperties properties)
    {
        var context = RabbitMQActivitySource.ContextExtractor(properties);
        // Said to be remote, it is handed on even where it is not recorded.
        return context == default
            ? default
            : new(context.TraceId, context.SpanId, context.TraceFlags, context.TraceState, isRemote: true);
    }

    private static int ReadCount(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true
            ? value switch { int i => i, long l => (int)Math.Clamp(l, 0, int.MaxValue), short s => s, byte b => b, _ => 0 }
            : 0;
}
