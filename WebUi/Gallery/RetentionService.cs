using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Gallery;

/// <summary>Tells the storage at the start how long to keep what is in the bucket.</summary>
public sealed partial class RetentionService(
    IObjectStore store, IOptions<StorageOptions> options, TimeProvider time, ILogger<RetentionService> logger) : BackgroundService
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = Untraced.Begin();
        var days = options.Value.RetentionDays;
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await store.SetRetentionAsync(ObjectKeys.OfGenerations, days, stoppingToken))
                    LogCannot(days);
                else if (days > 0)
                    LogSet(days);
                return;
            }
            catch (StorageUnavailableException e)
            {
                if (told != e.Message)
                    LogAway(told = e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(RetryPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Information, "Pictures and records are kept for {Days} days")]
    private partial void LogSet(int days);

    [LoggerMessage(LogLevel.Warning,
        "This storage has no lifecycle rules: pictures are hidden after {Days} days, but must be deleted by other means")]
    private partial void LogCannot(int days);

    [LoggerMessage(LogLevel.Warning, "How long pictures are kept could not be set yet: {Message}")]
    private partial void LogAway(string message);
}
