using System.Diagnostics.Metrics;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Metrics;

/// <summary>
/// Counts what becomes of all tasks, whoever accepted them: every replica hears of each, so that their figures are the same. What
/// was before this process began is not counted.
/// </summary>
public sealed class GenerationMetrics : IHostedService
{
    public const string MeterName = "SdAspire.WebUi";

    private const double SecondsPerHour = 3600;

    // A worker that was killed says nothing; loading a large model takes minutes in which nothing is said either.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    private static readonly string[] Devices = ["cpu", "cuda"];
    private static readonly GenerationStatus[] Ends = [GenerationStatus.Done, GenerationStatus.Failed, GenerationStatus.Cancelled];

    private readonly GenerationBoard _board;
    private readonly ModelCatalog _models;
    private readonly MetricsOptions _options;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _began;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _finished;
    private readonly Counter<long> _pictures;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _duration;
    private readonly Counter<double> _workerSeconds;
    private readonly Counter<double>? _cost;

    public GenerationMetrics(
        GenerationBoard board, ModelCatalog models, MetricsOptions options, IMeterFactory meters, TimeProvider time)
    {
        (_board, _models, _options, _time) = (board, models, options, time);
        _began = time.GetUtcNow();
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("sdaspire.generations.accepted", "{generation}", "Generations that were queued.");
        _finished = meter.CreateCounter<long>("sdaspire.generations.finished", "{generation}", "Generations that have ended.");
        _pictures = meter.CreateCounter<long>("sdaspire.pictures", "{picture}", "Pictures that were painted.");
        _wait = meter.CreateHistogram(
            "sdaspire.generation.wait", "s", "From accepting a generation to a worker's taking it.", advice: Buckets());
        _duration = meter.CreateHistogram(
            "sdaspire.generation.duration", "s", "From taking a generation to having stored its pictures.", advice: Buckets());
        _workerSeconds = meter.CreateCounter<double>(
            "sdaspire.worker.seconds", "s", "Time that workers had the generations that ended, with their models' loading.");
        if (options.PricePerHour.Count > 0)
        {
            _cost = meter.CreateCounter<double>(
                "sdaspire.estimated_cost", description: "What the worker seconds cost by the prices that are configured.");
        }
        meter.CreateObservableGauge(
            "sdaspire.generations.painting", ObservePainting, "{generation}", "Generations that are being painted.");
    }

    /// <summary>A task that this replica or another has queued for the first time.</summary>
    public void Accepted(GenerationTask task) => _accepted.Add(1, Model(task.Model));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // From 0 on: a counter that is first seen with a value has not increased for Prometheus.
        foreach (var model in _models.Models.Select(model => Model(model.Name)))
        {
            _accepted.Add(0, model);
            _pictures.Add(0, model);
            foreach (var end in Ends)
                _finished.Add(0, model, Status(end));
            foreach (var device in Devices)
                _workerSeconds.Add(0, model, new("device", device));
        }
        foreach (var model in _options.PricePerHour.Keys)
            _cost?.Add(0, Model(model));
        _board.StateChanged += OnStateChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _board.StateChanged -= OnStateChanged;
        return Task.CompletedTask;
    }

    private void OnStateChanged(GenerationState? before, GenerationState after)
    {
        if (before is { IsFinished: true } && !after.IsFinished)
            Accepted(after.Task);
        else if (before is { Status: GenerationStatus.Queued } && after is { Status: GenerationStatus.Running, Progress: null })
            _wait.Record(Math.Max(0, (after.HeardAt - after.QueuedAt).TotalSeconds), Model(after.Task.Model));
        else if (after.IsFinished && before is not { IsFinished: true } && after.FinishedAt >= _began)
            Finished(after);
    }

    private void Finished(GenerationState state)
    {
        var model = Model(state.Task.Model);
        _finished.Add(1, model, Status(state.Status));
        if (state.Status == GenerationStatus.Done)
            _pictures.Add(state.Pictures.Count, model);
        if (state is not { WorkerSeconds: { } seconds, Device: { } device })
            return;
        if (state.Status == GenerationStatus.Done)
            _duration.Record(seconds, model);
        _workerSeconds.Add(seconds, model, new("device", device));
        if (_options.PricePerHour.TryGetValue(state.Task.Model, out var price))
            _cost?.Add(seconds * price / SecondsPerHour, model);
    }

    private IEnumerable<Measurement<long>> ObservePainting()
    {
        var painting = _board.CountRunning(_time.GetUtcNow() - LongestSilence);
        return _models.Models.Select(model =>
            new Measurement<long>(painting.GetValueOrDefault(model.Name), Model(model.Name)));
    }

    private static KeyValuePair<string, object?> Model(string name) => new("model", name);

    private static KeyValuePair<string, object?> Status(GenerationStatus status) =>
        new("status", status switch
        {
            GenerationStatus.Done => "done",
            GenerationStatus.Cancelled => "cancelled",
            _ => "failed",
        });

    // From a picture that is painted at once to one that waits for a node.
    private static InstrumentAdvice<double> Buckets() => new()
    {
        HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600],
    };
}
