namespace SdAspire.Worker.Jobs;

/// <summary>Pauses that grow, and differ between workers so that they do not all come back at once.</summary>
public sealed class Backoff(TimeSpan shortest, TimeSpan longest)
{
    private int _count;

    public TimeSpan Next()
    {
        var pause = shortest * Math.Pow(2, _count);
        if (pause < longest)
            _count++;
        return (pause < longest ? pause : longest) * (0.75 + (Random.Shared.NextDouble() / 2));
    }

    public void Reset() => _count = 0;
}
