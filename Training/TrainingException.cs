namespace SdAspire.Training;

/// <summary>A fault the user can act on; the message is one line.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
