using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SdAspire.Generation;
using SdAspire.WebUi.Access;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi;

/// <summary>What must be configured before it makes sense to start.</summary>
internal sealed record Configuration(ModelCatalog Models, AccessOptions Access, MetricsOptions Metrics)
{
    public static bool TryRead(
        IConfiguration configuration, [NotNullWhen(true)] out Configuration? read, [NotNullWhen(false)] out string? fault)
    {
        read = null;
        if (configuration["Access:Open"] is { Length: > 0 } open && !bool.TryParse(open, out _))
        {
            fault = $"Access__Open is '{open}': it must be true or false.";
            return false;
        }
        var access = configuration.GetSection(AccessOptions.Section).Get<AccessOptions>() ?? new();
        fault = ((string[])["messaging", "storage"])
            .Where(name => string.IsNullOrEmpty(configuration.GetConnectionString(name)))
            .Select(name => $"ConnectionStrings__{name} is not set.")
            .FirstOrDefault() ?? access.Fault(ListensTo.Others(configuration)) ?? RetentionFault(configuration["Storage:RetentionDays"])
            ?? LostTasksFault(configuration["LostTasks:AfterSeconds"]);
        if (fault is not null)
            return false;
        try
        {
            var models = ModelCatalog.FromConfiguration(configuration);
            read = new Configuration(models, access, MetricsOptions.FromConfiguration(configuration, models));
            return true;
        }
        catch (Exception e) when (e is InvalidModelProfileException or InvalidMetricsOptionsException)
        {
            fault = e.Message;
            return false;
        }
    }

    private static string? RetentionFault(string? days) =>
        string.IsNullOrEmpty(days)
        || (int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= StorageOptions.MaxRetentionDays)
            ? null
            : $"Storage__RetentionDays is '{days}': it must be a number of days up to {StorageOptions.MaxRetentionDays}, "
                + "or 0 to keep everything.";

    private static string? LostTasksFault(string? seconds) =>
        string.IsNullOrEmpty(seconds)
        || (int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= LostTasksOptions.MaxSeconds)
            ? null
            : $"LostTasks__AfterSeconds is '{seconds}': it must be a number of seconds up to {LostTasksOptions.MaxSeconds}, "
                + "or 0 to publish nothing again.";
}
