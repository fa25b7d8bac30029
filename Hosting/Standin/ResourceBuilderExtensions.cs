using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What can be said about resources of every kind.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    /// <summary>Sets an environment variable to text with values in it that are known only when the application runs.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(name, value.GetExpression());

    /// <summary>Sets an environment variable to text with values in it that are known only when the application runs.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(context => context.EnvironmentVariables[name] = value);

    /// <summary>Sets an environment variable when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, Func<string> callback)
        where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new EnvironmentCallbackAnnotation(name, callback));

    /// <summary>Sets an environment variable to the URL of an endpoint.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(context => context.EnvironmentVariables[name] = endpointReference);

    /// <summary>Sets an environment variable to the value of a parameter.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(
        this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment =>
        builder.WithEnvironment(context => context.EnvironmentVariables[name] = parameter.Resource);

    /// <summary>Sets environment variables when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Sets environment variables when the resource starts.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment =>
        builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    /// <summary>Adds command-line arguments.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs => builder.WithArgs((object[])args);

    /// <summary>Adds command-line arguments: text, or values that are known only when the application runs.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params object[] args)
        where T : IResourceWithArgs =>
        builder.WithAnnotation(new CommandLineArgsCallbackAnnotation(context =>
        {
            foreach (var arg in args) context.Args.Add(arg);
            return Task.CompletedTask;
        }));

    /// <summary>
    /// Gives the resource the connection string <c>ConnectionStrings__NAME</c> of another one, and its parts as
    /// <c>NAME_PART</c>.
    /// </summary>
    /// <param name="builder">The resource that connects.</param>
    /// <param name="source">The resource that is connected to.</param>
    /// <param name="connectionName">The name of the connection; the other resource's name by default.</param>
    /// <param name="optional">Whether it may be missing.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        var prefix = name.Length == 0 ? "" : VariableName(name) + "_";
        builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, "Reference"));
        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                new ConnectionStringReference(resource, optional);
            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[prefix + property.ToUpperInvariant()] = value;
        });
    }

    /// <summary>Leaves the start of the resource to the user, or to another resource.</summary>
    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder) where T : IResource =>
        builder.WithAnnotation(new ExplicitStartupAnnotation());

    /// <summary>Starts the resource when another one is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilHealthy);

    /// <summary>Starts the resource when another one runs.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilStarted);

    /// <summary>Starts the resource when another one is healthy, and says what to do if that ends before.</summary>
    public static IResourceBuilder<T> WaitFor<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilHealthy, waitBehavior);

    /// <summary>Starts the resource when another one runs, and says what to do if that ends before.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilStarted, waitBehavior);

    /// <summary>Starts the resource when another one has run and ended.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">The other resource.</param>
    /// <param name="exitCode">With which exit code it has to end.</param>
    public static IResourceBuilder<T> WaitForCompletion<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport =>
        builder.Wait(dependency.Resource, WaitType.WaitForCompletion, waitBehavior: null, exitCode);

    /// <summary>Adds a command that a user can give to the resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name of the command.</param>
    /// <param name="displayName">The name that a dashboard shows.</param>
    /// <param name="executeCommand">Carries it out.</param>
    /// <param name="commandOptions">More about it.</param>
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder,
        string name,
        string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions? commandOptions = null)
        where T : IResource
    {
        commandOptions ??= new();
        var earlier = builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(c => c.Name == name);
        if (earlier is not null) builder.Resource.Annotations.Remove(earlier);
        return builder.WithAnnotation(new ResourceCommandAnnotation(
            name,
            displayName,
            commandOptions.UpdateState ?? (_ => ResourceCommandState.Enabled),
            executeCommand,
            commandOptions.Description,
            parameter: null,
            commandOptions.ConfirmationMessage,
            commandOptions.IconName,
            commandOptions.IconVariant,
            commandOptions.IsHighlighted));
    }

    private static IResourceBuilder<T> Wait<T>(
        this IResourceBuilder<T> builder, IResource dependency, WaitType waitType, WaitBehavior? waitBehavior = null, int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        if (ReferenceEquals(builder.Resource, dependency))
            throw new DistributedApplicationException($"The '{dependency.Name}' resource cannot wait for itself.");
        return builder.WithAnnotation(new WaitAnnotation(dependency, waitType, exitCode) { WaitBehavior = waitBehavior });
    }
}
