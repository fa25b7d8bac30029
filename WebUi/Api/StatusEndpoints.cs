using SdAspire.Generation;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Api;

/// <summary>How the house is doing.</summary>
/// <param name="Queued">Generations that wait, of all models.</param>
/// <param name="Running">Generations that are being painted.</param>
/// <param name="Workers">Workers that paint them.</param>
/// <param name="PicturesPerMinute">Painted in the last minute.</param>
/// <param name="SecondsToFirstPicture">From the last prompt that found nothing else to do until its pictures.</param>
/// <param name="Pictures">Painted, as far as the gallery keeps them or this replica has seen them.</param>
/// <param name="WorkerSeconds">What workers needed for that.</param>
/// <param name="Cost">What that costs by the prices that are configured; null without any.</param>
/// <param name="UptimeSeconds">How long this replica has been running.</param>
/// <param name="Notices">What is wrong with the house, in words.</param>
public sealed record StatusView(
    int Queued, int Running, int Workers, int PicturesPerMinute, double? SecondsToFirstPicture, long Pictures,
    double WorkerSeconds, double? Cost, double UptimeSeconds, IReadOnlyList<ModelStatusView> Models,
    IReadOnlyList<string> Notices);

/// <summary>What a model has to do.</summary>
/// <param name="Queue">Where its tasks wait.</param>
/// <param name="Queued">Generations that wait.</param>
/// <param name="Running">Generations that are being painted.</param>
/// <param name="Ready">Messages in its queue that no worker has taken, by the broker's own count of a few seconds ago.</param>
public sealed record ModelStatusView(string Name, string Queue, int Queued, int Running, long? Ready);

/// <summary>A model that can be asked for, with what it takes if a prompt does not say.</summary>
/// <param name="Default">Whether it paints what does not name a model.</param>
/// <param name="PixelsPerLatent">Width and height are multiples of that.</param>
/// <param name="Examples">Prompts that it knows.</param>
public sealed record ModelView(
    string Name, bool Default, int Width, int Height, int Steps, double GuidanceScale, string Scheduler, int PixelsPerLatent,
    IReadOnlyList<string> Examples);

/// <summary>A sampler by its short name.</summary>
/// <param name="Models">The models whose own one it is.</param>
public sealed record SamplerView(string Name, IReadOnlyList<string> Models);

/// <summary><c>/api/status</c>, <c>/api/models</c> and <c>/api/samplers</c>.</summary>
internal static class StatusEndpoints
{
    private const string Tag = "House";

    public static void MapStatusApi(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/status", Status).Produces<StatusView>().Describe(Tag, "How the house is doing.");
        app.MapGet("/api/models", Models).Produces<ModelView[]>().Describe(Tag, "The models that are served.");
        app.MapGet("/api/samplers", Samplers).Produces<SamplerView[]>().Describe(Tag, "The samplers that a prompt may name.");
    }

    public static StatusView StatusOf(
        GenerationBoard board, Throughput throughput, QueueDepths depths, ModelCatalog models, TimeProvider time)
    {
        var running = throughput.Running();
        var (pictures, workerSeconds, cost) = throughput.Totals;
        var byModel = models.Models.Select(model => new ModelStatusView(
            model.Name, model.Queue, board.CountQueued(model.Name), running.Count(state => state.Task.Model == model.Name),
            depths.Find(model.Queue))).ToArray();
        return new StatusView(
            byModel.Sum(model => model.Queued), running.Count,
            running.Select(state => state.Worker).Where(worker => worker is not null).Distinct(StringComparer.Ordinal).Count(),
            throughput.PicturesPerMinute, throughput.SecondsToFirstPicture, pictures, Math.Round(workerSeconds, 1), cost,
            Math.Round((time.GetUtcNow() - throughput.BeganAt).TotalSeconds, 1), byModel, board.Notices);
    }

    private static IResult Status(
        HttpContext context, GenerationBoard board, Throughput throughput, QueueDepths depths, ModelCatalog models,
        TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(StatusOf(board, throughput, depths, models, time));
    }

    private static IResult Models(ModelCatalog models) =>
        TypedResults.Ok(models.Models.Select(model => ViewOf(model, models)).ToArray());

    private static IResult Samplers(ModelCatalog models) => TypedResults.Ok(Schedulers.Known
        .Select(name => new SamplerView(
            name, [.. models.Models.Where(model => model.Profile.DefaultScheduler == name).Select(model => model.Name)]))
        .ToArray());

    private static ModelView ViewOf(ServedModel model, ModelCatalog models)
    {
        var profile = model.Profile;
        return new ModelView(
            model.Name, model == models.Default, profile.DefaultWidth, profile.DefaultHeight, profile.DefaultSteps,
            profile.DefaultGuidanceScale, profile.DefaultScheduler, profile.PixelsPerLatent, profile.Examples);
    }
}
