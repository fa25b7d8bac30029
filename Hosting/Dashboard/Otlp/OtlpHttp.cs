using System.Buffers;
using System.IO.Compression;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Net.Http.Headers;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using RpcStatus = SdAspire.Hosting.Dashboard.Otlp.Rpc.Status;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>OTLP over HTTP, binary protobuf.</summary>
internal static class OtlpHttp
{
    private const string ContentType = "application/x-protobuf";

    public static Task LogsAsync(HttpContext context) =>
        HandleAsync(context, ExportLogsServiceRequest.Parser, (receiver, request) => receiver.Receive(request));

    public static Task TracesAsync(HttpContext context) =>
        HandleAsync(context, ExportTraceServiceRequest.Parser, (receiver, request) => receiver.Receive(request));

    public static Task MetricsAsync(HttpContext context) =>
        HandleAsync(context, ExportMetricsServiceRequest.Parser, (receiver, request) => receiver.Receive(request));

    /// <summary>Answers with the error that OTLP wants: a <c>google.rpc.Status</c>.</summary>
    public static Task RefuseAsync(HttpContext context, int httpStatus, StatusCode code, string message)
    {
        context.Response.StatusCode = httpStatus;
        return WriteAsync(context, new RpcStatus { Code = (int)code, Message = message });
    }

    private static async Task HandleAsync<TRequest>(
        HttpContext context, MessageParser<TRequest> parser, Func<TelemetryReceiver, TRequest, IMessage> receive)
        where TRequest : IMessage<TRequest>
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(
                context, StatusCodes.Status415UnsupportedMediaType, StatusCode.Unimplemented,
                $"Only {ContentType} is understood.");
            return;
        }
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            await RefuseAsync(
                context, StatusCodes.Status415UnsupportedMediaType, StatusCode.Unimplemented, "Only gzip is unpacked.");
            return;
        }

        TRequest request;
        try
        {
            var body = await ReadAsync(context, isPacked: encoding == "gzip");
            request = parser.ParseFrom(body);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, StatusCode.InvalidArgument, e.Message);
            return;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
        {
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "The body is no such message.");
            return;
        }
        await WriteAsync(context, receive(context.RequestServices.GetRequiredService<TelemetryReceiver>(), request));
    }

    private static async Task<ReadOnlySequence<byte>> ReadAsync(HttpContext context, bool isPacked)
    {
        // Kestrel refuses a body that is larger than the limit; what it unpacks to has the same one.
        await using var source = isPacked
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        var body = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await source.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > OtlpOptions.MaxRequestBytes)
                    throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return new ReadOnlySequence<byte>(body.GetBuffer(), 0, (int)body.Length);
    }

    private static async Task WriteAsync(HttpContext context, IMessage message)
    {
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = message.CalculateSize();
        await context.Response.Body.WriteAsync(message.ToByteArray(), context.RequestAborted);
    }
}
