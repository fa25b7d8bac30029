namespace SdAspire.Chart.Tests.Helm;

/// <summary>A template or values that Helm would refuse, or that use what this subset does not have.</summary>
public sealed class TemplateException(string message) : Exception(message)
{
    public static TemplateException At(string file, int line, string message) => new($"{file}:{line}: {message}");
}
