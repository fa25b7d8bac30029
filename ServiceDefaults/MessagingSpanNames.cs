using System.Diagnostics;
using OpenTelemetry;

namespace SdAspire.ServiceDefaults;

/// <summary>
/// Names the spans of RabbitMQ's client after the exchange, as <c>publish generation.events</c>: a routing key, which the client
/// takes, can be an id.
/// </summary>
internal sealed class MessagingSpanNames : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name.StartsWith("RabbitMQ.Client.", StringComparison.Ordinal)
            && data.GetTagItem("messaging.operation.name") is string operation
            && data.GetTagItem("messaging.destination.name") is string { Length: > 0 } exchange)
        {
            data.DisplayName = $"{operation} {exchange}";
        }
    }
}
