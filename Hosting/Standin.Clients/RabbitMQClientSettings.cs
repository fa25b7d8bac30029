namespace Aspire.RabbitMQ.Client;

/// <summary>How a service connects to RabbitMQ. Bound from <c>Aspire:RabbitMQ:Client</c> and <c>Aspire:RabbitMQ:Client:NAME</c>.</summary>
public sealed class RabbitMQClientSettings
{
    /// <summary>An AMQP URI. <c>ConnectionStrings:NAME</c> wins over the section.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How often an unreachable broker is tried again, with doubling delays; 0 gives up at once.</summary>
    public int MaxConnectRetryCount { get; set; } = 5;

    /// <summary>Leaves out the health check.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves out the tracing sources.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connects on first use; <see langword="false"/> connects when the host starts.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
