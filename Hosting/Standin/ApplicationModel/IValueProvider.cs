namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known only when the application runs.</summary>
public interface IValueProvider
{
    /// <summary>Gets the value.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>A value that a manifest names by an expression.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The expression, for example <c>{messaging.connectionString}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>A value that refers to other resources or values.</summary>
public interface IValueWithReferences
{
    /// <summary>What the value refers to.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>A value with an expression.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;
