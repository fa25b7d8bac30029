using System.Xml;
using System.Xml.Linq;

namespace SdAspire.ObjectStore.S3;

/// <summary>Reads the XML that a request's body carries.</summary>
internal static class RequestXml
{
    /// <summary>The body's root element, or null where there is no body.</summary>
    /// <exception cref="S3Exception">EntityTooLarge, MalformedXML, or that the body is not what was signed.</exception>
    public static async Task<XElement?> ReadAsync(S3Request request, int maxBytes)
    {
        if (request.Http.ContentLength > maxBytes)
            throw S3Errors.EntityTooLarge(request.Http.ContentLength.Value, maxBytes).AsException();
        using var verified = new VerifiedBody(request.Http, request.Payload);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await verified.ReadAsync(buffer, request.Aborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > maxBytes) throw S3Errors.EntityTooLarge(body.Length, maxBytes).AsException();
        }
        if (body.Length == 0) return null;
        body.Position = 0;
        try
        {
            // Keys may hold control characters, which clients write as references that XML 1.0 has none for.
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = false };
            using var reader = XmlReader.Create(body, settings);
            return XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException)
        {
            throw S3Errors.MalformedXml.AsException();
        }
    }

    /// <summary>The text of the one child of that name, or null.</summary>
    /// <exception cref="S3Exception">MalformedXML where there are several.</exception>
    public static string? Text(this XElement element, string name)
    {
        XElement[] children = [.. element.Elements().Where(child => child.Name.LocalName == name)];
        return children.Length < 2 ? children.SingleOrDefault()?.Value : throw S3Errors.MalformedXml.AsException();
    }
}
