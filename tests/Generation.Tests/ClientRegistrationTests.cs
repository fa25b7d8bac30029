using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Minio;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.Generation.Tests;

/// <summary>What the services rely on in Aspire's client packages, and so in what takes their place.</summary>
public sealed class ClientRegistrationTests
{
    // Nobody listens there: it is reserved.
    private const string NoBroker = "amqp://guest:do-not-tell@127.0.0.1:1";

    [Fact]
    public void The_connection_string_wins_over_the_section_and_the_code_over_both()
    {
        var builder = Builder(
            ("Aspire:RabbitMQ:Client:ConnectionString", "amqp://section:1"),
            ("Aspire:RabbitMQ:Client:ConnectionFactory:ClientProvidedName", "section"),
            ("Aspire:RabbitMQ:Client:messaging:ConnectionFactory:RequestedChannelMax", "7"),
            ("ConnectionStrings:messaging", "amqp://user:pass%2Fword@broker:5673/house"));
        builder.AddRabbitMQClient("messaging", configureConnectionFactory: factory => factory.RequestedHeartbeat = TimeSpan.FromSeconds(3));
        using var host = builder.Build();

        var factory = host.Services.GetRequiredService<IConnectionFactory>().ShouldBeOfType<ConnectionFactory>();

        (factory.HostName, factory.Port, factory.VirtualHost).ShouldBe(("broker", 5673, "house"));
        (factory.UserName, factory.Password).ShouldBe(("user", "pass/word"));
        factory.ClientProvidedName.ShouldBe("section");
        factory.RequestedChannelMax.ShouldBe((ushort)7);
        factory.RequestedHeartbeat.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Without_a_broker_the_connection_and_the_health_check_fail_and_the_password_is_not_told()
    {
        var builder = Builder(("ConnectionStrings:messaging", NoBroker));
        builder.AddRabbitMQClient("messaging", settings => settings.MaxConnectRetryCount = 0);
        using var host = builder.Build();

        Should.Throw<BrokerUnreachableException>(() => host.Services.GetRequiredService<IConnection>()).ToString().ShouldNotContain("do-not-tell");
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries.ShouldHaveSingleItem();
        entry.Key.ShouldBe("RabbitMQ.Client");
        entry.Value.Status.ShouldBe(HealthStatus.Unhealthy);
        entry.Value.Exception!.ToString().ShouldNotContain("do-not-tell");
    }

    [Fact]
    public async Task The_health_check_can_be_left_out()
    {
        var builder = Builder(("ConnectionStrings:messaging", NoBroker), ("Aspire:RabbitMQ:Client:DisableHealthChecks", "true"));
        builder.AddRabbitMQClient("messaging");
        builder.Services.AddHealthChecks();
        using var host = builder.Build();

        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Endpoint=http://localhost:9000;AccessKey=me;SecretKey=se=cret", "http://localhost:9000", "me", "se=cret")]
    [InlineData("Endpoint=http://s3.test:1234;AccessKey=me;SecretKey=secret;UseSsl=true", "https://s3.test:1234", "me", "secret")]
    [InlineData("http://localhost:9001", "http://localhost:9001", "section", "kept")]
    public void A_storage_connection_string_names_the_server_and_the_keys(string text, string endpoint, string accessKey, string secretKey)
    {
        var builder = Builder(
            ("ConnectionStrings:storage", text),
            ("Aspire:Minio:Client:Credentials:AccessKey", "section"),
            ("Aspire:Minio:Client:Credentials:SecretKey", "kept"));
        builder.AddMinioClient("storage");
        using var host = builder.Build();

        var config = host.Services.GetRequiredService<IMinioClient>().Config;

        config.Endpoint.TrimEnd('/').ShouldBe(endpoint);
        (config.AccessKey, config.SecretKey).ShouldBe((accessKey, secretKey));
    }

    [Fact]
    public void Without_a_storage_connection_string_the_error_says_what_to_set()
    {
        var builder = Builder();
        builder.AddMinioClient("storage");
        using var host = builder.Build();

        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<IMinioClient>());
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        return builder;
    }
}
