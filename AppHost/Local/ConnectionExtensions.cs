using Microsoft.Extensions.Configuration;

namespace SdAspire.AppHost.Local;

/// <summary>The broker and the storage: those that the configuration names, or else local ones.</summary>
static class ConnectionExtensions
{
    /// <summary>Adds the broker of <c>ConnectionStrings__NAME</c>, or a private RabbitMQ.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddMessaging(
        this IDistributedApplicationBuilder builder, [ResourceName] string name) =>
        builder.HasConnectionString(name) ? builder.AddConnectionString(name) : builder.AddLocalRabbitMQ(name);

    /// <summary>Adds the storage of <c>ConnectionStrings__NAME</c>, or a private ObjectStore.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddStorage(
        this IDistributedApplicationBuilder builder, [ResourceName] string name) =>
        builder.HasConnectionString(name) ? builder.AddConnectionString(name) : builder.AddObjectStore(name);

    private static bool HasConnectionString(this IDistributedApplicationBuilder builder, string name) =>
        !string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(name));
}
