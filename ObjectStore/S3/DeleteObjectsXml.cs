using System.Xml;
using System.Xml.Linq;

namespace SdAspire.ObjectStore.S3;

/// <summary>A key to delete, and the ETag that it must have.</summary>
internal readonly record struct KeyToDelete(string Key, string? ETag);

/// <summary>What became of a key: deleted, or an error.</summary>
internal readonly record struct DeletedKey(string Key, S3Error? Error);

/// <summary>DeleteObjects in S3's XML.</summary>
internal static class DeleteObjectsXml
{
    const int MaxKeys = 1000;

    /// <exception cref="S3Exception">MalformedXML, or NotImplemented for versions and other conditions.</exception>
    public static (IReadOnlyList<KeyToDelete> Keys, bool IsQuiet) Parse(XElement? root)
    {
        if (root is not { Name.LocalName: "Delete" }) throw S3Errors.MalformedXml.AsException();
        var keys = new List<KeyToDelete>();
        foreach (var child in root.Elements())
        {
            if (child.Name.LocalName == "Object") keys.Add(Key(child));
            else if (child.Name.LocalName != "Quiet") throw S3Errors.MalformedXml.AsException();
        }
        return keys.Count is > 0 and <= MaxKeys
            ? (keys, root.Text("Quiet")?.Trim() == "true")
            : throw S3Errors.MalformedXml.AsException();
    }

    public static void Write(XmlWriter xml, IEnumerable<DeletedKey> keys, bool isQuiet)
    {
        foreach (var (key, error) in keys)
        {
            if (error is null && isQuiet) continue;
            xml.WriteStartElement(error is null ? "Deleted" : "Error");
            xml.WriteElementString("Key", key);
            if (error is not null)
            {
                xml.WriteElementString("Code", error.Code);
                xml.WriteElementString("Message", error.Message);
            }
            xml.WriteEndElement();
        }
    }

    static KeyToDelete Key(XElement element)
    {
        if (element.Elements().FirstOrDefault(child => child.Name.LocalName is not ("Key" or "ETag")) is { } other)
            throw S3Errors.NotImplemented($"The element {other.Name.LocalName}").AsException();
        return element.Text("Key") is { Length: > 0 } key
            ? new KeyToDelete(key, element.Text("ETag"))
            : throw S3Errors.MalformedXml.AsException();
    }
}
