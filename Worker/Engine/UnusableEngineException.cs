namespace SdAspire.Worker.Engine;

/// <summary>Engine or model cannot be used for any task; the message is one line.</summary>
public sealed class UnusableEngineException(string message, Exception inner) : Exception(message.ReplaceLineEndings(" "), inner);
