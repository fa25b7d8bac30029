using System.Security.Cryptography;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// A request's body that is checked while it passes: its end is reached only if it is what the client signed and announced.
/// Otherwise the last read throws, and whoever reads must not have acted on the body yet.
/// </summary>
internal sealed class VerifiedBody : ReadOnlyStream
{
    const string ContentMd5 = "Content-MD5";

    // What a client may announce, beside the hash that it signed.
    static readonly (string Header, HashAlgorithmName Algorithm, int Size)[] Announced =
    [
        (ContentMd5, HashAlgorithmName.MD5, MD5.HashSizeInBytes),
        ("x-amz-checksum-sha1", HashAlgorithmName.SHA1, SHA1.HashSizeInBytes),
        ("x-amz-checksum-sha256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
    ];

    readonly Stream _body;
    readonly List<Check> _checks = [];
    bool _verified;

    public VerifiedBody(HttpRequest request, SignedPayload payload)
    {
        _body = request.Body;
        if (payload.Sha256 is { } sha256) Add(HashAlgorithmName.SHA256, sha256, S3Errors.XAmzContentSha256Mismatch);
        foreach (var (header, algorithm, size) in Announced)
        {
            if (request.Headers[header] is [{ } text])
                Add(algorithm, Decode(header, text, size), header == ContentMd5 ? S3Errors.BadDigest : S3Errors.BadChecksum);
        }
    }

    /// <summary>Whether a client announced what the body is, apart from its signature.</summary>
    public static bool IsAnnounced(HttpRequest request) =>
        Announced.Any(announced => request.Headers.ContainsKey(announced.Header));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _body.ReadAsync(buffer, cancellationToken);
        foreach (var check in _checks) check.Hash.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0) Verify();
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var check in _checks) check.Hash.Dispose();
        base.Dispose(disposing);
    }

    void Add(HashAlgorithmName algorithm, byte[] expected, S3Error error) =>
        _checks.Add(new Check(IncrementalHash.CreateHash(algorithm), expected, error));

    void Verify()
    {
        if (_verified) return;
        foreach (var check in _checks)
        {
            if (!check.Hash.GetHashAndReset().AsSpan().SequenceEqual(check.Expected)) throw check.Error.AsException();
        }
        _verified = true;
    }

    static byte[] Decode(string header, string text, int size)
    {
        var hash = new byte[size];
        if (Convert.TryFromBase64String(text, hash, out var length) && length == size) return hash;
        throw (header == ContentMd5 ? S3Errors.InvalidDigest : S3Errors.InvalidRequest($"Value for {header} header is invalid."))
            .AsException();
    }

    readonly record struct Check(IncrementalHash Hash, byte[] Expected, S3Error Error);
}
