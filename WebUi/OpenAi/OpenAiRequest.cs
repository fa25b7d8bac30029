using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SdAspire.WebUi.Api;

namespace SdAspire.WebUi.OpenAi;

/// <summary>OpenAI's request as ours, so that both are read and judged by the same rules.</summary>
/// <param name="InBase64">Whether the pictures are to come with the answer.</param>
internal sealed record OpenAiRequest(GenerationRequest Generation, bool InBase64)
{
    // Theirs by ours: a fault is told by the name that the client has used.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["prompt"] = "prompt", ["model"] = "model", ["count"] = "n", ["width"] = "size", ["height"] = "size",
        ["negativePrompt"] = "negative_prompt", ["guidanceScale"] = "guidance_scale", ["scheduler"] = "scheduler",
        ["steps"] = "steps", ["seed"] = "seed", ["client"] = "user",
    };

    // What a request may say and nothing here depends on.
    private static readonly HashSet<string> Ignored =
        ["quality", "style", "user", "background", "moderation", "output_compression", "partial_images"];

    public static string NameOf(string field) => Names.GetValueOrDefault(field, field);

    /// <param name="faults">What is wrong, by the names of our fields.</param>
    public static OpenAiRequest Read(JsonElement body, Dictionary<string, string[]> faults)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            faults["body"] = ["The body must be a JSON object."];
            return new OpenAiRequest(new GenerationRequest(), false);
        }
        var ours = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(ours);
        writer.WriteStartObject();
        var inBase64 = false;
        foreach (var field in body.EnumerateObject())
        {
            var value = field.Value;
            if (value.ValueKind == JsonValueKind.Null || Ignored.Contains(field.Name))
                continue;
            switch (field.Name)
            {
                case "size":
                    ReadSize(value, writer, faults);
                    break;
                case "response_format":
                    inBase64 = value.TextOf() == "b64_json";
                    if (!inBase64 && value.TextOf() != "url")
                        faults["response_format"] = ["The field response_format must be url or b64_json."];
                    break;
                case "output_format" when value.TextOf() != "png":
                    faults["output_format"] = ["The field output_format must be png."];
                    break;
                case "stream" when value.ValueKind != JsonValueKind.False:
                    faults["stream"] = ["The field stream must be false: pictures come when they are done."];
                    break;
                case "output_format" or "stream":
                    break;
                default:
                    var known = Names.FirstOrDefault(name => name.Value == field.Name).Key;
                    if (known is null)
                    {
                        faults[field.Name] = [$"The field {field.Name} is not known."];
                        break;
                    }
                    // As it came: what is no text has to be refused, and cannot be written as one.
                    writer.WritePropertyName(known);
                    writer.WriteRawValue(value.GetRawText());
                    break;
            }
        }
        writer.WriteEndObject();
        writer.Flush();
        using var document = JsonDocument.Parse(ours.WrittenMemory);
        return new OpenAiRequest(GenerationRequest.Read(document.RootElement, faults), inBase64);
    }

    private static void ReadSize(JsonElement value, Utf8JsonWriter ours, Dictionary<string, string[]> faults)
    {
        var size = value.TextOf();
        if (size == "auto")
            return;
        if (size?.Split('x') is [var width, var height]
            && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
            && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out var rows))
        {
            ours.WriteNumber("width", columns);
            ours.WriteNumber("height", rows);
        }
        else
            faults["size"] = ["The field size must be auto, or width and height such as 512x512."];
    }
}
