using System.Xml;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>Writes listings of multipart uploads and of their parts.</summary>
internal static class UploadsXml
{
    public static void Write(XmlWriter xml, string bucket, UploadsQuery query, UploadsPage page)
    {
        var encode = query.Page.Encode;
        xml.WriteElementString("Bucket", bucket);
        xml.WriteElementString("KeyMarker", encode(query.KeyMarker));
        xml.WriteElementString("UploadIdMarker", query.IdMarker);
        if (page.NextKey is { } nextKey)
        {
            xml.WriteElementString("NextKeyMarker", encode(nextKey));
            xml.WriteElementString("NextUploadIdMarker", page.NextId);
        }
        xml.WriteElementString("Prefix", encode(query.Prefix));
        if (query.Delimiter.Length > 0) xml.WriteElementString("Delimiter", encode(query.Delimiter));
        if (query.Page.IsUrlEncoded) xml.WriteElementString("EncodingType", "url");
        xml.WriteElementString("MaxUploads", $"{query.Page.Size}");
        xml.WriteElementString("IsTruncated", page.NextKey is null ? "false" : "true");
        foreach (var upload in page.Uploads)
        {
            xml.WriteStartElement("Upload");
            xml.WriteElementString("Key", encode(upload.Key.Text));
            xml.WriteElementString("UploadId", upload.Id);
            WriteOwners(xml);
            xml.WriteElementString("Initiated", S3Xml.Timestamp(upload.Stored.Initiated));
            xml.WriteEndElement();
        }
        foreach (var prefix in page.CommonPrefixes)
        {
            xml.WriteStartElement("CommonPrefixes");
            xml.WriteElementString("Prefix", encode(prefix));
            xml.WriteEndElement();
        }
    }

    public static void WriteParts(XmlWriter xml, string bucket, Upload upload, int after, PageRequest page)
    {
        UploadPart[] parts = [.. upload.Parts.Values.Where(part => part.Number > after).Take(page.Size + 1)];
        var isTruncated = page.Size > 0 && parts.Length > page.Size;
        var listed = parts[..Math.Min(parts.Length, page.Size)];
        xml.WriteElementString("Bucket", bucket);
        xml.WriteElementString("Key", page.Encode(upload.Key.Text));
        if (page.IsUrlEncoded) xml.WriteElementString("EncodingType", "url");
        xml.WriteElementString("UploadId", upload.Id);
        WriteOwners(xml);
        xml.WriteElementString("PartNumberMarker", $"{after}");
        if (isTruncated) xml.WriteElementString("NextPartNumberMarker", $"{listed[^1].Number}");
        xml.WriteElementString("MaxParts", $"{page.Size}");
        xml.WriteElementString("IsTruncated", isTruncated ? "true" : "false");
        foreach (var part in listed)
        {
            xml.WriteStartElement("Part");
            xml.WriteElementString("PartNumber", $"{part.Number}");
            xml.WriteElementString("LastModified", S3Xml.Timestamp(part.LastModified));
            xml.WriteElementString("ETag", $"\"{part.ETag}\"");
            xml.WriteElementString("Size", $"{part.Size}");
            xml.WriteEndElement();
        }
    }

    static void WriteOwners(XmlWriter xml)
    {
        ListObjectsXml.WriteOwner(xml, "Initiator");
        ListObjectsXml.WriteOwner(xml);
        xml.WriteElementString("StorageClass", "STANDARD");
    }
}
