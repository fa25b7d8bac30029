using System.Globalization;
using SdAspire.Generation;

namespace SdAspire.WebUi.Metrics;

/// <summary>Section <c>Metrics</c>: where Prometheus finds the figures, and what a worker costs.</summary>
/// <param name="Port">Serves <c>/metrics</c> and nothing else; 0 for not at all.</param>
/// <param name="PricePerHour">Of a worker of the model, in any currency; a model without a price has no cost.</param>
public sealed record MetricsOptions(int Port, IReadOnlyDictionary<string, double> PricePerHour)
{
    private const string PortKey = "Metrics:Port";
    private const string PriceKey = "Metrics:PricePerHour";

    /// <exception cref="InvalidMetricsOptionsException">Something is wrong; the message is one sentence.</exception>
    public static MetricsOptions FromConfiguration(IConfiguration configuration, ModelCatalog models) => new(
        PortOf(configuration[PortKey]),
        configuration.GetSection(PriceKey).GetChildren().ToDictionary(
            price => NameOf(price.Key, models), price => PriceOf(price.Key, price.Value), StringComparer.Ordinal));

    private static int PortOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port
            : throw new InvalidMetricsOptionsException($"Metrics__Port is '{text}': it must be from 0 to 65535.");
    }

    private static string NameOf(string key, ModelCatalog models) => models.Find(key) is { Name: var name }
        ? name
        : throw new InvalidMetricsOptionsException(
            $"Metrics__PricePerHour__{key}: no such model is served; served are {models.Names}.");

    private static double PriceOf(string key, string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var price)
        && double.IsFinite(price) && price >= 0
            ? price
            : throw new InvalidMetricsOptionsException(
                $"Metrics__PricePerHour__{key} is '{text}': it must be a number that is not negative.");
}

/// <summary>The section <c>Metrics</c> makes no sense.</summary>
public sealed class InvalidMetricsOptionsException(string message) : Exception(message);
