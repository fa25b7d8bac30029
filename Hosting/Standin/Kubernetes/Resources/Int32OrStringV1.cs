using System.Globalization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A number, or text such as the name of a port or a template expression.</summary>
/// <param name="Number">The number.</param>
/// <param name="Text">The text.</param>
public sealed record Int32OrStringV1(int? Number = null, string? Text = null) : IEquatable<int>, IEquatable<string>
{
    /// <summary>A number.</summary>
    public Int32OrStringV1(int value) : this(Number: value)
    {
    }

    /// <summary>A number if the text is one.</summary>
    public Int32OrStringV1(string? value)
        : this(Parse(value), Parse(value) is null ? value : null)
    {
    }

    /// <summary>The number or the text, as text.</summary>
    public string? Value => Number?.ToString(CultureInfo.InvariantCulture) ?? Text;

    /// <summary>A number.</summary>
    public static implicit operator Int32OrStringV1(int value) => new(value);

    /// <summary>A number if the text is one.</summary>
    public static implicit operator Int32OrStringV1?(string? value) => value is null ? null : new(value);

    /// <summary>Whether it is that number.</summary>
    public bool Equals(int other) => Number == other;

    /// <summary>Whether it is that text.</summary>
    public bool Equals(string? other) => Text == other;

    /// <inheritdoc />
    public override string? ToString() => Value;

    private static int? Parse(string? value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : null;
}
