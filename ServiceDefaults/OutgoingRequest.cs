namespace SdAspire.ServiceDefaults;

/// <summary>What a client can say about a request for its telemetry.</summary>
public static class OutgoingRequest
{
    /// <summary>
    /// What the request is for, as <c>images</c>: its span is named <c>PUT images</c> then. One of few values, and so without
    /// ids.
    /// </summary>
    public static readonly HttpRequestOptionsKey<string> Target = new("SdAspire.Target");
}
