namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>Kinds of telemetry.</summary>
[Flags]
public enum TelemetryKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Log records.</summary>
    Logs = 1,

    /// <summary>Traces.</summary>
    Traces = 2,

    /// <summary>Metrics.</summary>
    Metrics = 4,

    /// <summary>The list of resources that sent any.</summary>
    Resources = 8,

    /// <summary>Everything.</summary>
    All = Logs | Traces | Metrics | Resources,
}
