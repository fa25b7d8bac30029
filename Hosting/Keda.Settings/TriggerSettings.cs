namespace SdAspire.Keda.Settings;

/// <summary>KEDA's RabbitMQ trigger.</summary>
public record TriggerSettings
{
    internal const string QueueLength = "QueueLength";

    /// <summary>What is counted: <c>QueueLength</c>, the messages that wait, is the only one of KEDA's modes that is taken.</summary>
    public string Mode { get; set; } = QueueLength;

    /// <summary>Waiting messages for each job, above 0. KEDA's default is 20; with one message for each job it is 1.</summary>
    public double Value { get; set; } = 20;

    /// <summary>The trigger is active above this many messages. KEDA's default is 0.</summary>
    public double ActivationValue { get; set; }
}
