namespace SdAspire.Chart.Tests.Validation;

/// <summary>What an operator in the cluster makes of an object, as far as other objects refer to it.</summary>
static class Operators
{
    /// <summary>The pods of RabbitMQ's cluster operator have labels and ports of its own.</summary>
    public static PodTemplate RabbitmqPod(Manifest cluster) => new(
        cluster,
        new Dictionary<string, string>
        {
            ["app.kubernetes.io/name"] = cluster.Name,
            ["app.kubernetes.io/component"] = "rabbitmq",
            ["app.kubernetes.io/part-of"] = "rabbitmq",
        },
        new Dictionary<string, object?>
        {
            ["containers"] = new List<object?>
            {
                new Dictionary<string, object?>
                {
                    ["name"] = "rabbitmq",
                    ["ports"] = new List<object?>
                    {
                        Port("epmd", 4369), Port("amqp", 5672), Port("management", 15672), Port("prometheus", 15692),
                        Port("clustering", 25672),
                    },
                },
            },
        });

    /// <summary>The secret with the user that RabbitMQ's cluster operator makes.</summary>
    public static (string Name, IReadOnlyList<string> Keys) RabbitmqSecret(Manifest cluster) => (
        $"{cluster.Name}-default-user",
        ["connection_string", "default_user.conf", "host", "password", "port", "provider", "type", "username"]);

    private static Dictionary<string, object?> Port(string name, double number) =>
        new() { ["name"] = name, ["containerPort"] = number };
}
