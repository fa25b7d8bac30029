using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Turns resources into what they are in a cluster: endpoints, variables, arguments, objects.</summary>
sealed class KubernetesTranslation(
    KubernetesEnvironmentResource environment,
    DistributedApplicationExecutionContext executionContext,
    CancellationToken cancellationToken)
{
    private readonly Dictionary<string, KubernetesResource> _translated = new(StringComparer.OrdinalIgnoreCase);
    private readonly EndpointResolver _endpoints = new();

    public async Task<KubernetesResource> TranslateAsync(IResource resource)
    {
        if (_translated.TryGetValue(resource.Name, out var known)) return known;
        var target = _translated[resource.Name] = new(resource.Name, resource, environment);
        // Known first of all: others may refer to them while this one refers to others.
        target.Endpoints = _endpoints.Resolve(resource, target.Parameters);
        await AddVariablesAsync(target).ConfigureAwait(false);
        await AddArgumentsAsync(target).ConfigureAwait(false);
        KubernetesObjects.Add(target);
        return target;
    }

    private async Task AddVariablesAsync(KubernetesResource target)
    {
        var context = new EnvironmentCallbackContext(
            executionContext, target.TargetResource, cancellationToken: cancellationToken);
        foreach (var annotation in target.TargetResource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
            await annotation.Callback(context).ConfigureAwait(false);
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            // Containers have no certificates: whatever stands before the service ends TLS.
            var isDiscovery = name.StartsWith("services__", StringComparison.Ordinal);
            if (isDiscovery && value is EndpointReference { Scheme: "https" }) continue;
            var translated = IsKnownOnlyLater(value)
                ? new HelmValue(HelmNames.Value(HelmNames.Config, target.Name, name), "")
                : await TranslateAsync(value, target, embedded: false).ConfigureAwait(false) switch
                {
                    HelmValue parameter => parameter,
                    var text => Variable(target, name, (string)text),
                };
            (translated.IsSecret ? target.Secrets : target.Variables)[name] = translated;
        }
    }

    private static HelmValue Variable(KubernetesResource target, string name, string text) =>
        new(HelmNames.Value(HelmExpression.NamesSecret(text) ? HelmNames.Secrets : HelmNames.Config, target.Name, name), text);

    private async Task AddArgumentsAsync(KubernetesResource target)
    {
        var context = new CommandLineArgsCallbackContext([], target.TargetResource, cancellationToken);
        foreach (var annotation in target.TargetResource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
            await annotation.Callback(context).ConfigureAwait(false);
        foreach (var argument in context.Args)
            target.Arguments.Add(await TranslateAsync(argument, target, embedded: false).ConfigureAwait(false) as string
                ?? throw new DistributedApplicationException(
                    $"An argument of resource '{target.Name}' is a parameter alone: in a chart it has to be part of a text."));
    }

    /// <summary>A value as text, or as the entry of values.yaml that a parameter is.</summary>
    private async Task<object> TranslateAsync(object value, KubernetesResource target, bool embedded)
    {
        switch (value)
        {
            case string text:
                return text;
            case bool truth:
                return truth ? "true" : "false";
            case IFormattable number:
                return number.ToString(null, CultureInfo.InvariantCulture);
            case EndpointReference endpoint:
                return (await MappingAsync(endpoint).ConfigureAwait(false)).Get(EndpointProperty.Url, embedded);
            case EndpointReferenceExpression property:
                return (await MappingAsync(property.Endpoint).ConfigureAwait(false)).Get(property.Property, embedded);
            case ParameterResource parameter:
                var key = HelmNames.Key(parameter.Name);
                var section = parameter.Secret ? HelmNames.Secrets : HelmNames.Config;
                return new HelmValue(HelmNames.Value(section, target.Name, key), null) { Key = key, Parameter = parameter };
            case ConnectionStringReference reference:
                return await TranslateAsync(reference.Resource, target, embedded).ConfigureAwait(false);
            case IResourceWithConnectionString source:
                return await TranslateAsync(source.ConnectionStringExpression, target, embedded).ConfigureAwait(false);
            case ReferenceExpression { Format: "{0}", ValueProviders: [var only] }:
                var inner = await TranslateAsync(only, target, embedded).ConfigureAwait(false);
                return embedded ? inner.ToString()! : inner;
            case ReferenceExpression expression:
                var parts = new object[expression.ValueProviders.Count];
                for (var i = 0; i < parts.Length; i++)
                    parts[i] = await TranslateAsync(expression.ValueProviders[i], target, embedded: true).ConfigureAwait(false);
                return string.Format(CultureInfo.InvariantCulture, expression.Format, parts);
            default:
                throw new DistributedApplicationException(
                    $"A {value.GetType().Name} of resource '{target.Name}' cannot be published.");
        }
    }

    private async Task<EndpointMapping> MappingAsync(EndpointReference endpoint)
    {
        var owner = await TranslateAsync(endpoint.Resource).ConfigureAwait(false);
        var name = endpoint.EndpointName;
        return owner.Endpoints.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new DistributedApplicationException(
                $"The endpoint `{endpoint.EndpointName}` is not defined for the resource `{endpoint.Resource.Name}`.");
    }

    /// <summary>Whether it is a value of a kind that a chart has no expression for: who installs it has to give it.</summary>
    private static bool IsKnownOnlyLater(object value) => value switch
    {
        string or EndpointReference or EndpointReferenceExpression or ParameterResource => false,
        ConnectionStringReference reference => IsKnownOnlyLater(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString source => IsKnownOnlyLater(source.ConnectionStringExpression),
        ReferenceExpression expression => expression.ValueProviders.Any(IsKnownOnlyLater),
        _ => value is IManifestExpressionProvider and IValueProvider,
    };
}
