using System.Globalization;
using System.Text;
using System.Xml;

namespace SdAspire.ObjectStore.S3;

/// <summary>Writes S3's XML answers.</summary>
internal static class S3Xml
{
    const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    // Keys may hold control characters, which S3 writes as character references although XML 1.0 has none for them.
    static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(false), CheckCharacters = false };

    public static Task WriteAsync(
        HttpResponse response, string root, Action<XmlWriter> content, CancellationToken cancellationToken) =>
        WriteAsync(response, root, Namespace, content, cancellationToken);

    public static Task WriteErrorAsync(HttpContext context, S3Error error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        foreach (var (name, value) in error.Headers) response.Headers[name] = value;
        // An error is the answer to this request only, and S3 keeps HEAD's and 304's without a body.
        if (HttpMethods.IsHead(context.Request.Method)) return Task.CompletedTask;
        return WriteAsync(response, "Error", null, xml =>
        {
            xml.WriteElementString("Code", error.Code);
            xml.WriteElementString("Message", error.Message);
            foreach (var (name, value) in error.Details) xml.WriteElementString(name, value);
            xml.WriteElementString("Resource", RawTarget.Of(context).Split('?')[0]);
            xml.WriteElementString("RequestId", context.TraceIdentifier);
        }, CancellationToken.None); // Small, and a write to a client that has left ends at once.
    }

    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    static async Task WriteAsync(
        HttpResponse response, string root, string? xmlns, Action<XmlWriter> content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, Settings))
        {
            xml.WriteStartDocument();
            xml.WriteStartElement(root, xmlns);
            content(xml);
            xml.WriteEndElement();
        }
        response.ContentType = "application/xml";
        response.ContentLength = buffer.Length;
        await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
    }
}
