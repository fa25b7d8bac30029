using Grpc.Core;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Keeps the listeners apart, and senders without the key outside.</summary>
internal sealed class ListenerGuard(RequestDelegate next, ApiKey apiKey)
{
    // What has no endpoint may still be found by the front end's own middleware.
    public Task InvokeAsync(HttpContext context)
    {
        var listener = context.Features.Get<ListenerFeature>()?.Listener ?? Listener.FrontEnd;
        if (listener != Listener.FrontEnd && !apiKey.Admits(context.Request.Headers[ApiKey.Header]))
            return RefuseAsync(context, listener);

        var endpoint = context.GetEndpoint();
        var answersAt = endpoint?.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.FrontEnd;
        if (listener == Listener.FrontEnd && (endpoint is null || answersAt == listener)) return next(context);
        // Nothing of what is made for pages comes in between.
        if (answersAt == listener && endpoint?.RequestDelegate is { } receive) return receive(context);
        context.SetEndpoint(null);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, Listener listener)
    {
        const string Message = $"The header {ApiKey.Header} is missing or wrong.";
        if (listener == Listener.OtlpHttp)
            return OtlpHttp.RefuseAsync(context, StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated, Message);
        // An answer of gRPC that consists of trailers alone.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = StatusCode.Unauthenticated.ToString("D");
        context.Response.Headers["grpc-message"] = Message;
        return Task.CompletedTask;
    }
}
