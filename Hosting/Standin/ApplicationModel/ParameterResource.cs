namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is given from outside, or generated.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="callback">Gets the value; it is asked once.</param>
/// <param name="secret">Whether the value is to be hidden.</param>
public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
    : Resource(name), IExpressionValue
{
    private readonly Lock _lock = new();
    private string? _value;

    /// <summary>Where the value comes from when none is given.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>Whether the value is to be hidden.</summary>
    public bool Secret => secret;

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.value}}";

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<string?>(_value ??= callback(Default));
    }
}

sealed class ConnectionStringParameterResource(string name, Func<ParameterDefault?, string> callback, string? environmentVariableName)
    : ParameterResource(name, callback, secret: true), IResourceWithConnectionString
{
    public string? ConnectionStringEnvironmentVariable => environmentVariableName;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{(ParameterResource)this}");

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";
}
