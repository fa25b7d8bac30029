namespace SdAspire.ObjectStore.S3;

/// <summary>An error in S3's form. <see cref="Details"/> become elements of their own beside the message.</summary>
internal sealed record S3Error(int Status, string Code, string Message)
{
    public IReadOnlyList<(string Name, string Value)> Details { get; init; } = [];

    /// <summary>Response headers that belong to the error, such as Content-Range.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public S3Exception AsException() => new(this);
}

/// <summary>Ends a request with an error of S3's form.</summary>
internal sealed class S3Exception(S3Error error) : Exception(error.Message)
{
    public S3Error Error => error;
}

/// <summary>The errors this server answers with, under the codes and status that S3 gives them.</summary>
internal static class S3Errors
{
    public static readonly S3Error BadChecksum =
        new(400, "BadDigest", "The checksum you specified did not match what we received.");

    public static readonly S3Error BadDigest =
        new(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");

    public static readonly S3Error BucketAlreadyOwnedByYou =
        new(409, "BucketAlreadyOwnedByYou", "The bucket you tried to create already exists, and you own it.");

    public static readonly S3Error BucketNotEmpty =
        new(409, "BucketNotEmpty", "The bucket you tried to delete is not empty.");

    public static readonly S3Error IncompleteBody =
        new(400, "IncompleteBody", "The body is shorter than its Content-Length.");

    public static readonly S3Error InternalError =
        new(500, "InternalError", "The server met an internal error. Try again.");

    public static readonly S3Error InvalidAccessKeyId =
        new(403, "InvalidAccessKeyId", "The access key ID you provided does not exist in our records.");

    public static readonly S3Error InvalidBucketName =
        new(400, "InvalidBucketName", "The specified bucket is not valid.");

    public static readonly S3Error InvalidDigest =
        new(400, "InvalidDigest", "The Content-MD5 you specified is not valid.");

    public static readonly S3Error InvalidPart = new(400, "InvalidPart",
        "One or more of the specified parts could not be found, or an ETag is not that of its part.");

    public static readonly S3Error InvalidPartOrder =
        new(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.");

    public static readonly S3Error MalformedXml =
        new(400, "MalformedXML", "The XML you provided was not well-formed or is not of the expected form.");

    public static readonly S3Error MetadataTooLarge =
        new(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.");

    public static readonly S3Error MethodNotAllowed =
        new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");

    public static readonly S3Error MissingContentLength =
        new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");

    public static readonly S3Error NoSuchBucket =
        new(404, "NoSuchBucket", "The specified bucket does not exist.");

    public static readonly S3Error NoSuchKey =
        new(404, "NoSuchKey", "The specified key does not exist.");

    public static readonly S3Error NoSuchLifecycleConfiguration =
        new(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist.");

    public static readonly S3Error NoSuchUpload = new(404, "NoSuchUpload",
        "The specified multipart upload does not exist: it is unknown, or has been completed or aborted.");

    public static readonly S3Error ObjectTooLarge =
        new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.");

    public static readonly S3Error RequestTimeout =
        new(400, "RequestTimeout", "Your connection was not read from or written to within the timeout period.");

    public static readonly S3Error SignatureDoesNotMatch = new(403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");

    public static readonly S3Error XAmzContentSha256Mismatch = new(400, "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.");

    public static S3Error AccessDenied(string message) => new(403, "AccessDenied", message);

    public static S3Error AuthorizationHeaderMalformed(string why) =>
        new(400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; {why}.");

    /// <summary>403 where S3 has 400: a URL that was changed must not be told from one that was never signed.</summary>
    public static S3Error AuthorizationQueryParametersError(string why) =>
        new(403, "AuthorizationQueryParametersError", $"The query's signature is malformed; {why}.");

    public static S3Error Expired(DateTimeOffset expires, DateTimeOffset server) => AccessDenied("Request has expired.") with
    {
        Details = [("Expires", S3Xml.Timestamp(expires)), ("ServerTime", S3Xml.Timestamp(server))],
    };

    public static S3Error EntityTooLarge(long size, long limit) =>
        ObjectTooLarge with
        {
            Details = [("ProposedSize", $"{size}"), ("MaxSizeAllowed", $"{limit}")],
        };

    public static S3Error EntityTooSmall(long minimum) =>
        new(400, "EntityTooSmall", "A part is smaller than the minimum allowed size, and is not the last.")
        {
            Details = [("MinSizeAllowed", $"{minimum}")],
        };

    public static S3Error InvalidArgument(string name, string value, string message) =>
        new(400, "InvalidArgument", message) { Details = [("ArgumentName", name), ("ArgumentValue", value)] };

    public static S3Error InvalidLocationConstraint(string region) => new(400, "InvalidLocationConstraint",
        $"The specified location constraint is not valid: this server's region is {region}.");

    public static S3Error InvalidRange(string range, long size) =>
        new(416, "InvalidRange", "The requested range cannot be satisfied.")
        {
            Details = [("RangeRequested", range), ("ActualObjectSize", $"{size}")],
            Headers = [("Content-Range", $"bytes */{size}")],
        };

    public static S3Error InvalidRequest(string message) => new(400, "InvalidRequest", message);

    public static S3Error InvalidUri(string message) => new(400, "InvalidURI", message);

    public static S3Error KeyTooLong(int size, int limit) =>
        new(400, "KeyTooLongError", "Your key is too long.")
        {
            Details = [("Size", $"{size}"), ("MaxSizeAllowed", $"{limit}")],
        };

    /// <summary>S3's answer to a header or sub-resource that means something which this server does not do.</summary>
    public static S3Error NotImplemented(string what) =>
        new(501, "NotImplemented", $"{what} implies functionality that is not implemented.");

    public static S3Error HeaderNotImplemented(string name) =>
        NotImplemented("A header you provided") with { Details = [("Header", name)] };

    public static S3Error PreconditionFailed(string condition) =>
        new(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
        {
            Details = [("Condition", condition)],
        };

    public static S3Error RequestTimeTooSkewed(DateTimeOffset request, DateTimeOffset server, TimeSpan limit) =>
        new(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        {
            Details =
            [
                ("RequestTime", S3Xml.Timestamp(request)), ("ServerTime", S3Xml.Timestamp(server)),
                ("MaxAllowedSkewMilliseconds", $"{limit.TotalMilliseconds:F0}"),
            ],
        };

    /// <summary>Names the right region, with which clients try again.</summary>
    public static S3Error WrongRegion(string region, string expected) =>
        AuthorizationHeaderMalformed($"the region '{region}' is wrong; expecting '{expected}'") with
        {
            Details = [("Region", expected)],
        };
}
