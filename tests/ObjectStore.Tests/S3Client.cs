using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;

namespace SdAspire.ObjectStore.Tests;

/// <summary>A request before and after its signature, so that tests can change it on either side.</summary>
sealed class S3Request(string method, string target)
{
    public string Method { get; } = method;

    /// <summary>Path and query in their encoded form, sent as they are.</summary>
    public string Target { get; set; } = target;

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Headers that are sent without being signed.</summary>
    public Dictionary<string, string> Unsigned { get; } = new(StringComparer.OrdinalIgnoreCase);

    public byte[] Body { get; set; } = [];

    public string? PayloadHash { get; set; }

    public DateTimeOffset? Date { get; set; }
}

/// <summary>A response read to its end.</summary>
sealed record S3Response(HttpStatusCode Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    // Like S3, the server writes control characters in keys as references, which XML 1.0 forbids.
    public XElement Xml => XElement.Load(XmlReader.Create(new MemoryStream(Body), new XmlReaderSettings { CheckCharacters = false }));

    /// <summary>The code of an S3 error, or nothing.</summary>
    public string? Error => Body.Length > 0 && Headers["content-type"] == "application/xml" && Xml is { Name.LocalName: "Error" } error
        ? error.Element("Code")?.Value
        : null;

    public IReadOnlyList<string> Values(params string[] path) => [.. path
        .Aggregate<string, IEnumerable<XElement>>([Xml], (at, name) => at.SelectMany(e => e.Elements()).Where(e => e.Name.LocalName == name))
        .Select(e => e.Value)];

    public string? Value(params string[] path) => Values(path).SingleOrDefault();
}

/// <summary>A small S3 client over HttpClient that signs exactly what it sends.</summary>
sealed class S3Client(HttpClient http, string accessKey, string secretKey, string region)
{
    public S3Client With(string? accessKey2 = null, string? secretKey2 = null, string? region2 = null) =>
        new(http, accessKey2 ?? accessKey, secretKey2 ?? secretKey, region2 ?? region);

    public Task<S3Response> GetAsync(string target) => SendAsync(new S3Request("GET", target));

    public Task<S3Response> HeadAsync(string target) => SendAsync(new S3Request("HEAD", target));

    public Task<S3Response> DeleteAsync(string target) => SendAsync(new S3Request("DELETE", target));

    public Task<S3Response> PutAsync(string target, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var request = new S3Request("PUT", target) { Body = body ?? [] };
        foreach (var (name, value) in headers) request.Headers[name] = value;
        return SendAsync(request);
    }

    public async Task<S3Response> SendAsync(
        S3Request request, Action<HttpRequestMessage>? tamper = null, CancellationToken cancellationToken = default)
    {
        using var message = Sign(request);
        tamper?.Invoke(message);
        return await SendAsync(http, message, cancellationToken);
    }

    /// <summary>Sends what is signed already, or is not.</summary>
    public static async Task<S3Response> SendAsync(
        HttpClient http, HttpRequestMessage message, CancellationToken cancellationToken = default)
    {
        using var response = await http.SendAsync(message, cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
        return new S3Response(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), headers);
    }

    public HttpRequestMessage Sign(S3Request request)
    {
        var timestamp = (request.Date ?? DateTimeOffset.UtcNow).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var hash = request.PayloadHash ?? SigV4Signer.Hex(SHA256.HashData(request.Body));
        var signed = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["host"] = http.BaseAddress!.Authority,
            ["x-amz-date"] = timestamp,
            ["x-amz-content-sha256"] = hash,
        };
        var parts = request.Target.Split('?', 2);
        var authorization = new SigV4Signer(accessKey, secretKey, region)
            .Authorize(request.Method, parts[0], parts.ElementAtOrDefault(1) ?? "", signed, hash, timestamp);

        // The base library would resolve dots and unescape letters in a path.
        var uri = new Uri(http.BaseAddress.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(request.Method), uri);
        if (request.Method is "PUT" or "POST" || request.Body.Length > 0) message.Content = new ByteArrayContent(request.Body);
        message.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (name, value) in signed.Concat(request.Unsigned))
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content!.Headers.TryAddWithoutValidation(name, value);
        return message;
    }
}
