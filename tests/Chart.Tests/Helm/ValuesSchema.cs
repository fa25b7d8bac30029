using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>A chart's values.schema.json, by which Helm judges the merged values before it renders.</summary>
sealed class ValuesSchema
{
    /// <summary>What the validator here looks at: a keyword that it would pass over in silence is refused.</summary>
    private static readonly HashSet<string> Keywords =
    [
        "$schema", "$id", "id", "title", "description", "default", "examples", "$comment", "definitions", "$defs", "$ref", "type", "enum", "format",
        "properties", "additionalProperties", "patternProperties", "propertyNames", "required", "minProperties", "maxProperties",
        "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "allOf", "anyOf", "oneOf", "not",
    ];

    private readonly JsonSchema _schema;

    private ValuesSchema(JObject json, JsonSchema schema)
    {
        Json = json;
        UnknownKeywords = [.. Unknown(json).Distinct()];
        _schema = schema;
    }

    public static async Task<ValuesSchema> ParseAsync(string json) =>
        new(JObject.Parse(json), await JsonSchema.FromJsonAsync(json));

    public JObject Json { get; }

    public IReadOnlyList<string> UnknownKeywords { get; }

    public IReadOnlyList<string> Validate(IReadOnlyDictionary<string, object?> values) =>
        [.. _schema.Validate(ToJson(values)).SelectMany(Flatten).Concat(WrongNames(Json, ToJson(values), "#/")).Distinct()];

    public static JToken ToJson(object? value) => value switch
    {
        null => JValue.CreateNull(),
        IReadOnlyDictionary<string, object?> map => new JObject(map.Select(p => new JProperty(p.Key, ToJson(p.Value)))),
        IReadOnlyList<object?> list => new JArray(list.Select(ToJson)),
        double d when Math.Floor(d) == d && Math.Abs(d) < 1e15 => new JValue((long)d),
        _ => new JValue(value),
    };

    private static IEnumerable<string> Flatten(ValidationError error)
    {
        var inner = error is ChildSchemaValidationError children
            ? children.Errors.SelectMany(e => e.Value).SelectMany(Flatten).ToList()
            : [];
        return inner.Count > 0 ? inner : [$"{error.Path}: {error.Kind}"];
    }

    /// <summary>propertyNames is not among what the validator looks at; where it stands below properties, it is looked at here.</summary>
    private static IEnumerable<string> WrongNames(JToken? schema, JToken? value, string path)
    {
        if (schema is not JObject rules || value is not JObject map) yield break;
        var pattern = (string?)rules.SelectToken("propertyNames.pattern");
        foreach (var (name, inner) in map)
        {
            if (pattern is not null && !Regex.IsMatch(name, pattern)) yield return $"{path}{name}: PropertyNamePatternMismatch";
            var below = rules["properties"]?[name] ?? rules["additionalProperties"];
            foreach (var wrong in WrongNames(below, inner, $"{path}{name}.")) yield return wrong;
        }
    }

    private static IEnumerable<string> Unknown(JToken schema)
    {
        if (schema is not JObject o) yield break;
        foreach (var (key, value) in o)
        {
            if (!Keywords.Contains(key)) yield return key;
            var below = key switch
            {
                "properties" or "patternProperties" or "definitions" or "$defs" => ((JObject)value!).Properties().Select(p => p.Value),
                "allOf" or "anyOf" or "oneOf" => value!.Children(),
                "items" or "additionalProperties" or "propertyNames" or "not" => [value!],
                _ => [],
            };
            foreach (var name in below.SelectMany(Unknown)) yield return name;
        }
    }
}
