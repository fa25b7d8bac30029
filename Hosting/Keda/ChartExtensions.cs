using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using SdAspire.Hosting.Keda;
using SdAspire.Hosting.Keda.Publishing;

namespace Aspire.Hosting;

/// <summary>
/// Additions to the chart that Aspire writes, made by one step behind its own. They do nothing while the application runs.
/// Expressions are of Helm's template language.
/// </summary>
public static class ChartExtensions
{
    /// <summary>
    /// Adds a folder of files that reads like a chart: <c>templates/…</c> and <c>NOTES.txt</c> as they are; <c>values.yaml</c>,
    /// with its comments, behind the values that are there; <c>values.schema.json</c> merged with what the schema says of them.
    /// </summary>
    /// <param name="environment">The cluster.</param>
    /// <param name="assembly">Where the files are embedded, under their paths.</param>
    /// <param name="folder">The folder's path.</param>
    /// <param name="tokens">What takes the place of <c>%name%</c> in the files.</param>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithChartFiles(
        this IResourceBuilder<KubernetesEnvironmentResource> environment,
        Assembly assembly,
        string folder,
        IReadOnlyDictionary<string, string>? tokens = null) =>
        environment.WithChange(new ChartFilesAnnotation(new(assembly, folder, tokens)));

    /// <summary>Renders the resource's templates only under a condition, for example <c>.Values.messaging.enabled</c>.</summary>
    public static IResourceBuilder<T> PublishIf<T>(this IResourceBuilder<T> builder, string condition) where T : IResource =>
        builder.WithChange(new PublishIfAnnotation(builder.Resource.Name, condition));

    /// <summary>Renders the templates of Aspire's dashboard only under a condition.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> PublishDashboardIf(
        this IResourceBuilder<KubernetesEnvironmentResource> environment, string condition) =>
        environment.WithChange(new PublishIfAnnotation($"{environment.Resource.Name}-dashboard", condition));

    /// <summary>
    /// Adds text at the end of what is below a key of one of the resource's templates, for what exists only under a condition.
    /// </summary>
    /// <param name="builder">The resource.</param>
    /// <param name="file">The template's file, for example <c>deployment.yaml</c>.</param>
    /// <param name="path">Keys, separated by dots; <c>containers[name]</c> is the item of a sequence with that name.</param>
    /// <param name="text">The lines, as if they stood at the left edge.</param>
    public static IResourceBuilder<T> PublishWith<T>(this IResourceBuilder<T> builder, string file, string path, string text)
        where T : IResource =>
        builder.WithChange(
            new TemplateChangeAnnotation(builder.Resource.Name, file, template => TemplateText.Append(template, path, text)));

    /// <summary>Takes a key of one of the resource's templates away, and what is below it.</summary>
    public static IResourceBuilder<T> PublishWithout<T>(this IResourceBuilder<T> builder, string file, string path)
        where T : IResource =>
        builder.WithChange(
            new TemplateChangeAnnotation(builder.Resource.Name, file, template => TemplateText.Remove(template, path)));

    /// <summary>
    /// Says which secret of the chart has the broker's addresses; without it each queue job has a secret of its own.
    /// </summary>
    /// <param name="broker">The RabbitMQ server.</param>
    /// <param name="secret">The secret's name, or an expression of it.</param>
    /// <param name="uriKey">The key of the AMQP URI, with the host's whole name in the cluster.</param>
    /// <param name="managementUriKey">The key of the management API's address, with user and password.</param>
    public static IResourceBuilder<T> PublishWithSecret<T>(
        this IResourceBuilder<T> broker, string secret, string uriKey, string managementUriKey)
        where T : IResourceWithConnectionString =>
        broker.WithAnnotation(
            new BrokerSecretAnnotation(secret, uriKey, managementUriKey), ResourceAnnotationMutationBehavior.Replace);

    private static IResourceBuilder<T> WithChange<T, TAnnotation>(this IResourceBuilder<T> builder, TAnnotation annotation)
        where T : IResource where TAnnotation : IResourceAnnotation
    {
        ChartStep.AddTo(builder.ApplicationBuilder);
        return builder.WithAnnotation(annotation);
    }
}
