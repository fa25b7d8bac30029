namespace SdAspire.Generation;

/// <summary>The broker did not take what was given to it; the message says why in words.</summary>
public abstract class BrokerException(string message, Exception? innerException) : Exception(message, innerException);

/// <summary>No broker answers, or it went away before it confirmed.</summary>
public sealed class BrokerUnavailableException(string message, Exception? innerException = null)
    : BrokerException(message, innerException);

/// <summary>The queue has reached its limit.</summary>
public sealed class QueueFullException(string message, Exception? innerException = null)
    : BrokerException(message, innerException);

/// <summary>The broker knows no queue for the message, not even after it was declared anew.</summary>
public sealed class UnroutableException(string message, Exception? innerException = null)
    : BrokerException(message, innerException);
