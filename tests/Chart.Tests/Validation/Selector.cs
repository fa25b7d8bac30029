namespace SdAspire.Chart.Tests.Validation;

/// <summary>A selector of labels, as of services (plain) and of everything else (matchLabels, matchExpressions).</summary>
sealed class Selector
{
    private readonly IReadOnlyDictionary<string, object?> _labels;
    private readonly IReadOnlyList<object?> _expressions;

    private Selector(IReadOnlyDictionary<string, object?> labels, IReadOnlyList<object?> expressions) =>
        (_labels, _expressions) = (labels, expressions);

    public static Selector Plain(object? labels) => new(labels.Map(), []);

    public static Selector Of(object? selector) => new(selector.Map("matchLabels"), selector.List("matchExpressions"));

    public bool IsEmpty => _labels.Count == 0 && _expressions.Count == 0;

    public IReadOnlyDictionary<string, object?> Labels => _labels;

    public bool Matches(PodTemplate pod) =>
        _labels.All(l => pod.Labels.TryGetValue(l.Key, out var value) && value == l.Value as string)
        && _expressions.All(e => Matches(e, pod.Labels));

    private static bool Matches(object? expression, IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(expression.Text("key") ?? "");
        var isListed = expression.List("values").Contains(value);
        return expression.Text("operator") switch
        {
            "In" => value is not null && isListed,
            "NotIn" => value is null || !isListed,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }

    public override string ToString() => string.Join(",", _labels.Select(l => $"{l.Key}={l.Value}"))
        + string.Concat(_expressions.Select(e => $" {e.Text("key")} {e.Text("operator")} [{string.Join(',', e.List("values"))}]"));
}
