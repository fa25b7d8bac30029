namespace SdAspire.Keda.Settings;

/// <summary>What KEDA's ScaledObject can be told about scaling, under KEDA's names and with KEDA's defaults.</summary>
public record ScaledObjectSettings
{
    /// <summary>Seconds between two looks at the queue, at least 1. KEDA's default is 30.</summary>
    public int PollingInterval { get; set; } = 30;

    /// <summary>Seconds without messages until the last pod is stopped, at least 0. KEDA's default is 300.</summary>
    public int CooldownPeriod { get; set; } = 300;

    /// <summary>Pods that exist even when nothing waits, at least 0. KEDA's default is 0.</summary>
    public int MinReplicaCount { get; set; }

    /// <summary>Most pods at a time, at least 1 and at least <see cref="MinReplicaCount"/>. KEDA's default is 100.</summary>
    public int MaxReplicaCount { get; set; } = 100;

    /// <summary>What one pod is for.</summary>
    public TriggerSettings Trigger { get; set; } = new();
}
