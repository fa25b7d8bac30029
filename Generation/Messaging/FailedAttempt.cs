using System.Text.Json;
using System.Text.Json.Serialization;
using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>
/// An attempt that failed. Messages carry those of all workers before, in the header <c>x-history</c> as JSON, so that a dead letter
/// tells its whole story.
/// </summary>
/// <param name="Worker">Who tried.</param>
/// <param name="Reason">Why it failed, for a person to read.</param>
public sealed record FailedAttempt(
    [property: JsonConverter(typeof(UtcTimestampConverter))] DateTimeOffset At, string Worker, string Reason)
{
    internal static string ToHeader(IReadOnlyList<FailedAttempt> history) =>
        JsonSerializer.Serialize(history, GenerationJson.Default.IReadOnlyListFailedAttempt);

    /// <summary>What the message carries; nothing where that cannot be read, for the message itself is what counts.</summary>
    public static IReadOnlyList<FailedAttempt> Read(IReadOnlyBasicProperties properties)
    {
        if (properties.Headers?.TryGetValue(MessageHeaders.History, out var value) != true || value is not byte[] json)
            return [];
        try
        {
            return JsonSerializer.Deserialize(json, GenerationJson.Default.IReadOnlyListFailedAttempt) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
