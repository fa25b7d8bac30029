using System.Security.Cryptography;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// A request's body that is checked while it passes: its end is reached only if it is what the client signed and announced.
/// Otherwise the last read throws, and whoever reads must not have acted on the body yet.
/// </summary>
internal sealed class VerifiedBody : ReadOnlyStream
{
    readonly Stream _body;
    readonly byte[]? _sha256;
    readonly byte[]? _md5;
    readonly IncrementalHash? _sha256OfBody;
    readonly IncrementalHash? _md5OfBody;
    bool _verified;

    public VerifiedBody(HttpRequest request, SignedPayload payload)
    {
        _body = request.Body;
        _sha256 = payload.Sha256;
        _md5 = ContentMd5(request);
        if (_sha256 is not null) _sha256OfBody = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (_md5 is not null) _md5OfBody = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _body.ReadAsync(buffer, cancellationToken);
        _sha256OfBody?.AppendData(buffer.Span[..read]);
        _md5OfBody?.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0) Verify();
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _sha256OfBody?.Dispose();
        _md5OfBody?.Dispose();
        base.Dispose(disposing);
    }

    void Verify()
    {
        if (_verified) return;
        if (_sha256OfBody is not null && !_sha256OfBody.GetHashAndReset().AsSpan().SequenceEqual(_sha256))
            throw S3Errors.XAmzContentSha256Mismatch.AsException();
        if (_md5OfBody is not null && !_md5OfBody.GetHashAndReset().AsSpan().SequenceEqual(_md5))
            throw S3Errors.BadDigest.AsException();
        _verified = true;
    }

    static byte[]? ContentMd5(HttpRequest request)
    {
        if (request.Headers.ContentMD5 is not [{ } text]) return null;
        var md5 = new byte[MD5.HashSizeInBytes];
        if (!Convert.TryFromBase64String(text, md5, out var length) || length != md5.Length)
            throw S3Errors.InvalidDigest.AsException();
        return md5;
    }
}
