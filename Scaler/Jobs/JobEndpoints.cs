using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SdAspire.Scaler.Jobs;

/// <summary>What can be seen of the jobs over HTTP.</summary>
static class JobEndpoints
{
    /// <summary>
    /// Maps <c>/jobs</c> (all that are known), <c>/jobs/{name}</c>, <c>/jobs/{name}/log</c> (the last lines, as text) and
    /// <c>/jobs/events</c> (server-sent events: <c>jobs</c>, those that run now; then <c>job</c>, a job's new state, and
    /// <c>line</c>, what it wrote).
    /// </summary>
    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapGet("/jobs", (JobHistory history) => TypedResults.Json(history.Jobs, JobJson.Default.IReadOnlyListJob));
        app.MapGet("/jobs/{name}", IResult (string name, JobHistory history) => history.TryGet(name, out var job)
            ? TypedResults.Json(job, JobJson.Default.Job)
            : Unknown(name));
        app.MapGet("/jobs/{name}/log", IResult (string name, JobHistory history) => history.TryGetLog(name, out var lines)
            ? TypedResults.Text(string.Concat(lines.Select(line => line.Text + "\n")))
            : Unknown(name));
        app.MapGet("/jobs/events", (JobHistory history, IHostApplicationLifetime lifetime, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(EventsAsync(history, lifetime, cancellationToken)));
    }

    private static ProblemHttpResult Unknown(string name) => TypedResults.Problem(
        title: "There is no such job.",
        detail: $"No job {name} is known: it may have ended longer ago than the history reaches.",
        statusCode: StatusCodes.Status404NotFound);

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        JobHistory history, IHostApplicationLifetime lifetime, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A stream that nobody ends would hold up the launcher's own end.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        await foreach (var change in history.FollowAsync(ended.Token))
        {
            yield return change switch
            {
                JobsActive { Jobs: var jobs } => new(JsonSerializer.Serialize(jobs, JobJson.Default.IReadOnlyListJob), "jobs"),
                JobChanged { Job: var job } => new(JsonSerializer.Serialize(job, JobJson.Default.Job), "job"),
                JobLine line => new(JsonSerializer.Serialize(line, JobJson.Default.JobLine), "line"),
                _ => throw new InvalidOperationException($"{change.GetType().Name} is not an event that is told."),
            };
        }
    }
}
