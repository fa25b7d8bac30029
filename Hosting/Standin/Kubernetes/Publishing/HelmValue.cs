using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>A value in a template: as it stands, or through an expression that names an entry of values.yaml.</summary>
sealed record HelmValue(string? Expression, object? Value)
{
    /// <summary>The key in values.yaml, where it is not the name of the variable.</summary>
    public string? Key { get; init; }

    /// <summary>The parameter whose value it is.</summary>
    public ParameterResource? Parameter { get; init; }

    public bool IsSecret => Expression is not null && HelmExpression.NamesSecret(Expression);

    /// <summary>What a template says: text that has expressions in it stands there as it is.</summary>
    public string InTemplate => HelmExpression.AsText(HasExpressions ? Text! : Expression ?? "");

    private string? Text => Value?.ToString();

    private bool HasExpressions => Text is not null && HelmExpression.NamesValue(Text);

    public static HelmValue Literal(object value) => new(null, value);

    /// <summary>What values.yaml says. Secrets, and what only a deployment knows, are left empty.</summary>
    public async ValueTask<object> DefaultAsync(CancellationToken cancellationToken)
    {
        if (HasExpressions) return "";
        if (Parameter is null) return Value ?? "";
        if (Parameter.Secret || Parameter.Default is null) return "";
        return await Parameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "";
    }

    /// <summary>Alone in a template, where a number has to be one.</summary>
    public string AsScalar() =>
        Expression is null ? Text ?? ""
        : HelmExpression.Inner(Expression) is { } inner ? HelmExpression.Of(inner + (Value is int ? " | int" : ""))
        : ToString();

    /// <summary>In the middle of text.</summary>
    public override string ToString() => Text ?? Expression ?? "";

    /// <summary>In the middle of text, by its expression where it has one.</summary>
    public string InText() => Expression ?? Text ?? "";
}
