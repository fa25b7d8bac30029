using System.Globalization;

namespace SdAspire.ObjectStore.S3;

/// <summary>How much a listing is asked for at once, and whether names are to be encoded.</summary>
internal readonly record struct PageRequest
{
    public const int Largest = 1000;

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public PageRequest(RawTarget target, string maximum)
    {
        Size = Math.Min(Number(target, maximum, Largest), Largest);
        IsUrlEncoded = target["encoding-type"] switch
        {
            null or "" => false,
            "url" => true,
            var other => throw S3Errors.InvalidArgument(
                "encoding-type", other, "Invalid Encoding Method specified in Request").AsException(),
        };
    }

    public int Size { get; }

    public bool IsUrlEncoded { get; }

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int Number(RawTarget target, string name, int otherwise)
    {
        var text = target[name];
        if (string.IsNullOrEmpty(text)) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw S3Errors.InvalidArgument(
                name, text, $"Argument {name} must be an integer between 0 and 2147483647").AsException();
    }

    /// <summary>A key or a part of one as the client wants it; slashes stay.</summary>
    public string Encode(string text) => IsUrlEncoded ? Uri.EscapeDataString(text).Replace("%2F", "/") : text;
}
