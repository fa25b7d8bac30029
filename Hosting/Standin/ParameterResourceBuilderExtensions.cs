using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter that the configuration gives as <c>Parameters:NAME</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, value => FromConfiguration(builder, name, value), secret));

    /// <summary>Adds a parameter with a given value.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>Adds a parameter whose value is asked for when it is needed.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Func<string> valueGetter,
        bool publishValueAsDefault = false,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(valueGetter);
        // A secret would be written into what is published.
        if (publishValueAsDefault && secret)
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        return builder.AddResource(new ParameterResource(name, _ => valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
        });
    }

    /// <summary>Adds a parameter that the configuration gives, or that is generated and, if wanted, kept.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        ParameterDefault value,
        bool secret = false,
        bool persist = false) =>
        builder.AddResource(new ParameterResource(name, given => FromConfiguration(builder, name, given), secret)
        {
            Default = persist && builder.ExecutionContext.IsRunMode ? Persistent(builder, name, value) : value,
        });

    /// <summary>Adds a connection string that the configuration gives as <c>ConnectionStrings:NAME</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringParameterResource(
            name,
            _ => builder.Configuration.GetConnectionString(name)
                ?? throw new MissingParameterValueException(
                    $"Connection string parameter resource could not be used because connection string '{name}' is missing. Set it, for example as the environment variable ConnectionStrings__{name}."),
            environmentVariableName));

    /// <summary>Makes a parameter that the configuration gives, or that is generated and kept.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0)
    {
        var generated = new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        };
        return new(name, value => FromConfiguration(builder, name, value), secret: true)
        {
            Default = builder.ExecutionContext.IsRunMode ? Persistent(builder, name, generated) : generated,
        };
    }

    private static PersistentParameterDefault Persistent(IDistributedApplicationBuilder builder, string name, ParameterDefault value) =>
        new(name, value, new SecretStore(builder));

    private static string FromConfiguration(IDistributedApplicationBuilder builder, string name, ParameterDefault? value)
    {
        var key = $"Parameters:{name}";
        // An environment variable cannot have a hyphen in its name.
        return builder.Configuration[key]
            ?? builder.Configuration[key.Replace('-', '_')]
            ?? value?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"Parameter resource could not be used because configuration key '{key}' is missing and the Parameter has no default value. Set it, for example as the environment variable Parameters__{name.Replace('-', '_')}.");
    }
}
