namespace SdAspire.Diffusion;

/// <summary>A model directory that cannot be used; the message is one line and names the file.</summary>
public sealed class ModelException : Exception
{
    /// <summary>A fault with its one-line message.</summary>
    public ModelException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
