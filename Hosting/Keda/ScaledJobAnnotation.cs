using Aspire.Hosting.ApplicationModel;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>The resource is a queue job: one process of it runs for each message, from zero and back to zero.</summary>
/// <param name="Broker">The RabbitMQ server.</param>
/// <param name="QueueName">The queue whose messages are counted.</param>
/// <param name="Settings">How counts become jobs, under KEDA's names.</param>
/// <param name="Chart">How it is in a chart.</param>
public sealed record ScaledJobAnnotation(
    IResourceWithConnectionString Broker, string QueueName, ScaledJobSettings Settings, JobChartOptions Chart)
    : IResourceAnnotation;

/// <summary>Where a chart has the addresses of a broker.</summary>
/// <param name="Secret">The name of the secret, or a template expression of it.</param>
/// <param name="UriKey">The key of the AMQP URI, with the host's whole name in the cluster.</param>
/// <param name="ManagementUriKey">The key of the management API's address, with user and password.</param>
public sealed record BrokerSecretAnnotation(string Secret, string UriKey, string ManagementUriKey) : IResourceAnnotation;
