using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace SdAspire.ObjectStore.S3;

/// <summary>A parameter of a query, as it was sent and decoded.</summary>
internal readonly record struct QueryParameter(string RawName, string RawValue, string Name, string Value);

/// <summary>
/// The request target exactly as it came over the wire. Signatures are over this form, and keys are decoded from it once:
/// the framework's own path is normalised, so that <c>a/../b</c> and <c>b</c> would be one key with two signatures.
/// </summary>
internal sealed class RawTarget
{
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly QueryParameter[] _query;

    RawTarget(string path, QueryParameter[] query) => (Path, _query) = (path, query);

    /// <summary>The path, still encoded.</summary>
    public string Path { get; }

    public IReadOnlyList<QueryParameter> Query => _query;

    /// <summary>A parameter's decoded value, or null where it is absent.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var parameter in _query)
                if (parameter.Name == name) return parameter.Value;
            return null;
        }
    }

    public static string Of(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    /// <exception cref="S3Exception">InvalidURI.</exception>
    public static RawTarget Parse(string target)
    {
        if (!target.StartsWith('/')) throw S3Errors.InvalidUri("The request target must be a path.").AsException();
        var mark = target.IndexOf('?');
        if (mark < 0) return new RawTarget(target, []);
        var parameters = target[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Parameter);
        return new RawTarget(target[..mark], [.. parameters]);
    }

    /// <summary>Splits the path at its first slash into bucket and key, both decoded and either possibly empty.</summary>
    public (string Bucket, string Key) BucketAndKey()
    {
        var slash = Path.IndexOf('/', 1);
        return slash < 0
            ? (Decode(Path[1..], plusIsSpace: false), "")
            : (Decode(Path[1..slash], plusIsSpace: false), Decode(Path[(slash + 1)..], plusIsSpace: false));
    }

    static QueryParameter Parameter(string pair)
    {
        var equals = pair.IndexOf('=');
        var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
        return new QueryParameter(name, value, Decode(name, plusIsSpace: true), Decode(value, plusIsSpace: true));
    }

    static string Decode(string raw, bool plusIsSpace)
    {
        var bytes = new byte[raw.Length];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c == '%')
            {
                if (i + 2 >= raw.Length || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2]))
                    throw S3Errors.InvalidUri("The request target holds a broken percent-encoding.").AsException();
                bytes[length++] = Convert.FromHexString(raw.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else if (!char.IsAscii(c))
            {
                throw S3Errors.InvalidUri("The request target holds a character that is not ASCII.").AsException();
            }
            else bytes[length++] = c == '+' && plusIsSpace ? (byte)' ' : (byte)c;
        }
        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw S3Errors.InvalidUri("The request target is not UTF-8.").AsException();
        }
    }
}
