using System.Diagnostics;

namespace SdAspire.ServiceDefaults;

/// <summary>For what a service does by itself, again and again: it would bury the traces of what somebody asked for.</summary>
public static class Untraced
{
    /// <summary>
    /// Until it is disposed, nothing here is recorded, nor by whoever is called: unlike OpenTelemetry's own scope, which sends
    /// them no trace context, so that they would begin traces of their own.
    /// </summary>
    public static IDisposable Begin()
    {
        var activity = new Activity("untraced").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.ActivityTraceFlags = ActivityTraceFlags.None;
        activity.IsAllDataRequested = false;
        return activity;
    }
}
