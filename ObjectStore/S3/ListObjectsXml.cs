using System.Xml;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>Writes a page of a listing.</summary>
internal static class ListObjectsXml
{
    public static void Write(XmlWriter xml, string bucket, ListObjectsRequest request, ListPage page)
    {
        // Version 2 leaves token and start-after as they were sent; everything that is (part of) a key can be encoded.
        var query = request.Query;
        var encode = request.Page.Encode;
        xml.WriteElementString("Name", bucket);
        xml.WriteElementString("Prefix", encode(query.Prefix));
        if (request.IsVersion2)
        {
            if (request.ContinuationToken is { } token) xml.WriteElementString("ContinuationToken", token);
            if (page.Next is { } next) xml.WriteElementString("NextContinuationToken", ListObjectsRequest.Token(next));
            if (request.After is { } after) xml.WriteElementString("StartAfter", encode(after));
            xml.WriteElementString("KeyCount", $"{page.Objects.Count + page.CommonPrefixes.Count}");
        }
        else
        {
            xml.WriteElementString("Marker", encode(request.After ?? ""));
            // S3 gives it with a delimiter only; clients that do without look at the last key, which is the same.
            if (page.Next is not null && page.LastName is { } last) xml.WriteElementString("NextMarker", encode(last));
        }
        xml.WriteElementString("MaxKeys", $"{query.MaxKeys}");
        if (query.Delimiter.Length > 0) xml.WriteElementString("Delimiter", encode(query.Delimiter));
        if (request.Page.IsUrlEncoded) xml.WriteElementString("EncodingType", "url");
        xml.WriteElementString("IsTruncated", page.Next is null ? "false" : "true");

        foreach (var entry in page.Objects)
        {
            xml.WriteStartElement("Contents");
            xml.WriteElementString("Key", encode(entry.Key));
            xml.WriteElementString("LastModified", S3Xml.Timestamp(entry.LastModified));
            xml.WriteElementString("ETag", $"\"{entry.ETag}\"");
            xml.WriteElementString("Size", $"{entry.Size}");
            if (request.WithOwner) WriteOwner(xml);
            xml.WriteElementString("StorageClass", "STANDARD");
            xml.WriteEndElement();
        }
        foreach (var prefix in page.CommonPrefixes)
        {
            xml.WriteStartElement("CommonPrefixes");
            xml.WriteElementString("Prefix", encode(prefix));
            xml.WriteEndElement();
        }
    }

    /// <summary>There is one account, which owns everything.</summary>
    public static void WriteOwner(XmlWriter xml, string role = "Owner")
    {
        xml.WriteStartElement(role);
        xml.WriteElementString("ID", "objectstore");
        xml.WriteElementString("DisplayName", "objectstore");
        xml.WriteEndElement();
    }
}
