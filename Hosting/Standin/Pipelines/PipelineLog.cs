using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

static partial class PipelineLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Step {Step}")]
    public static partial void StepStarts(this ILogger logger, string step);

    // The exception itself is for whoever looks for the reason; the message is told anyway.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Step {Step} failed")]
    public static partial void StepFailed(this ILogger logger, Exception exception, string step);

    [LoggerMessage(Level = LogLevel.Information, Message = "Published to {Path}")]
    public static partial void Published(this ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing is published: the application has no environment for it")]
    public static partial void NothingPublished(this ILogger logger);
}
