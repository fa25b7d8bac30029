using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace SdAspire.Hosting.Keda;

/// <summary>The address of a broker in a chart.</summary>
static class BrokerAddress
{
    private const int AmqpPort = 5672;
    private const int ManagementPort = 15672;

    /// <summary>
    /// The AMQP URI with the broker's whole name in the cluster: KEDA's operator reads it from its own namespace, where the
    /// short name of a service means nothing.
    /// </summary>
    public static string InCluster(IResourceWithConnectionString broker) => Address(broker, "amqp", AmqpPort);

    /// <summary>The management API's address in the same way; it answers where the broker has the plugin.</summary>
    public static string ManagementInCluster(IResourceWithConnectionString broker) => Address(broker, "http", ManagementPort);

    private static string Address(IResourceWithConnectionString broker, string scheme, int port)
    {
        var parts = broker.GetConnectionProperties().ToDictionary(part => part.Key, part => part.Value, StringComparer.OrdinalIgnoreCase);
        return $"{scheme}://{Part("Username")}:{Part("Password")}@{broker.Name}-service.{{{{ .Release.Namespace }}}}.svc:{port}/";

        string Part(string name) => parts.TryGetValue(name, out var value)
            ? string.Format(
                System.Globalization.CultureInfo.InvariantCulture, value.Format, [.. value.ValueProviders.Select(Expression)])
            : throw new DistributedApplicationException($"The broker '{broker.Name}' does not say its {name}.");

        // A secret is among the secrets of the broker's own values, anything else among its configuration.
        object Expression(IValueProvider value) => value is ParameterResource parameter
            ? $"{{{{ .Values.{(parameter.Secret ? "secrets" : "config")}.{Key(broker.Name)}.{Key(parameter.Name)} }}}}"
            : throw new DistributedApplicationException($"The address of the broker '{broker.Name}' is not made of parameters.");
    }

    private static string Key(string name) => name.Replace('-', '_');
}
