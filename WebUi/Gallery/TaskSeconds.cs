namespace SdAspire.WebUi.Gallery;

/// <summary>
/// What a model's tasks take: so much for each, and so much for each unit of work. A line through what was measured, by least
/// squares, in which each task counts for less than the one after it.
/// </summary>
internal sealed class TaskSeconds
{
    private const double Fading = 0.9;

    // Below, what is older changes nothing that anybody sees.
    private const double LeastWeight = 0.01;

    // Tasks that are all alike do not tell what a larger one takes beside its size.
    private const double LeastSpread = 0.05;

    private DateTimeOffset _newest;
    private double _oldestWeight;
    private double _weight;
    private double _work;
    private double _seconds;
    private double _workSquared;
    private double _workSeconds;

    /// <param name="at">When it ended; what is older than all before is learnt too, as it comes when the gallery is read.</param>
    /// <param name="work">More than nothing.</param>
    /// <param name="seconds">That it took.</param>
    public void Learn(DateTimeOffset at, double work, double seconds)
    {
        var isFirst = _weight == 0;
        var isNewest = isFirst || at >= _newest;
        var weight = isNewest ? 1 : _oldestWeight * Fading;
        if (weight < LeastWeight)
            return;
        if (isNewest)
        {
            _newest = at;
            (_weight, _work, _seconds) = (_weight * Fading, _work * Fading, _seconds * Fading);
            (_workSquared, _workSeconds, _oldestWeight) = (_workSquared * Fading, _workSeconds * Fading, _oldestWeight * Fading);
        }
        _oldestWeight = isFirst ? weight : Math.Min(_oldestWeight, weight);
        _weight += weight;
        _work += weight * work;
        _seconds += weight * seconds;
        _workSquared += weight * work * work;
        _workSeconds += weight * work * seconds;
    }

    /// <summary>What tasks with so much work together take one after another.</summary>
    public double Of(double work, int tasks)
    {
        var (each, unit) = Line();
        return (tasks * each) + (work * unit);
    }

    private (double Each, double Unit) Line()
    {
        var (meanWork, meanSeconds) = (_work / _weight, _seconds / _weight);
        var proportional = (0, meanSeconds / meanWork);
        var spread = (_workSquared / _weight) - (meanWork * meanWork);
        if (spread < LeastSpread * meanWork * meanWork)
            return proportional;
        var unit = ((_workSeconds / _weight) - (meanWork * meanSeconds)) / spread;
        var each = meanSeconds - (unit * meanWork);
        return unit <= 0 ? (meanSeconds, 0) : each < 0 ? proportional : (each, unit);
    }
}
