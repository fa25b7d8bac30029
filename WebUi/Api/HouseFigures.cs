using System.Globalization;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Api;

/// <summary>How the house is doing, as the page says it.</summary>
/// <param name="Queued">Prompts that wait.</param>
/// <param name="Jobs">Prompts that are being painted, each by a job of its own.</param>
/// <param name="PicturesPerMinute">Painted in the last minute.</param>
/// <param name="FirstPicture">What the last prompt took that found nothing running.</param>
/// <param name="Cost">By the prices that are configured; without any, the workers' time.</param>
public sealed record HouseView(int Queued, int Jobs, int PicturesPerMinute, string FirstPicture, string Cost);

/// <summary>How it was some time ago.</summary>
/// <param name="SecondsAgo">When that began.</param>
public sealed record HouseSample(double SecondsAgo, int Queued, int Jobs);

/// <summary>The figures for all who look at the page, counted once in a while however many look.</summary>
internal sealed class HouseFigures(
    GenerationBoard board, Throughput throughput, QueueDepths depths, ModelCatalog models, TimeProvider time)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private HouseView? _last;
    private long _countedAt;

    public HouseView Now()
    {
        lock (_gate)
        {
            if (_last is null || time.GetElapsedTime(_countedAt) >= KeptFor)
                (_last, _countedAt) = (Count(), time.GetTimestamp());
            return _last;
        }
    }

    private HouseView Count()
    {
        var now = StatusEndpoints.StatusOf(board, throughput, depths, models, time);
        return new HouseView(
            now.Queued, now.Running, now.PicturesPerMinute,
            now.SecondsToFirstPicture is { } first ? Text($"{first:0.0} s") : "–",
            now.Cost is { } cost ? Text($"{cost:0.0000}") : Text($"{now.WorkerSeconds:0} s of work"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
