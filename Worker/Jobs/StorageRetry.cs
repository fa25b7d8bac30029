using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>Outlasts a storage that is away for a moment: painting again costs more than waiting.</summary>
public sealed class StorageRetry(TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    /// <exception cref="StorageUnavailableException">The storage has failed for longer than the patience lasts.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await request();
            }
            catch (StorageUnavailableException) when (time.GetElapsedTime(began) + pause < patience)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }
}
