using Aspire.Hosting.ApplicationModel;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>The resource is a queue job: one process of it runs for each message, from zero and back to zero.</summary>
/// <param name="Broker">The RabbitMQ server.</param>
/// <param name="QueueName">The queue whose messages are counted.</param>
/// <param name="Settings">How counts become jobs, under KEDA's names.</param>
public sealed record ScaledJobAnnotation(IResourceWithConnectionString Broker, string QueueName, ScaledJobSettings Settings)
    : IResourceAnnotation;
