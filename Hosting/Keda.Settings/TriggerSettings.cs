namespace SdAspire.Keda.Settings;

/// <summary>The numbers of KEDA's RabbitMQ trigger in the mode <c>QueueLength</c>.</summary>
public record TriggerSettings
{
    /// <summary>Waiting messages for each job, above 0. KEDA's default is 20; with one message for each job it is 1.</summary>
    public double Value { get; set; } = 20;

    /// <summary>The trigger is active above this many messages. KEDA's default is 0.</summary>
    public double ActivationValue { get; set; }
}
