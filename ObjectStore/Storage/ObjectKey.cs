using System.Security.Cryptography;
using System.Text;

namespace SdAspire.ObjectStore.Storage;

/// <summary>An object's name and the name of the file that holds it, which no key can steer out of its folder.</summary>
internal sealed class ObjectKey(string text)
{
    /// <summary>S3's limit on a key, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024;

    public string Text { get; } = text;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(text);

    public string FileName => field ??= Convert.ToHexStringLower(SHA256.HashData(Utf8));

    public override string ToString() => Text;
}
