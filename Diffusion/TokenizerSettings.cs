using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Diffusion;

/// <summary>Special tokens and length of a tokenizer folder.</summary>
internal sealed record TokenizerSettings(string Bos, string Eos, string Pad, string Unknown, int MaxLength)
{
    public const string Start = "<|startoftext|>";
    public const string End = "<|endoftext|>";

    /// <summary>Merges tokenizer_config.json and special_tokens_map.json as transformers does.</summary>
    public static TokenizerSettings Read(string directory, int usualMaxLength)
    {
        var config = ReadObject(Path.Combine(directory, "tokenizer_config.json"));
        var map = ReadObject(Path.Combine(directory, "special_tokens_map.json"));
        // Since added_tokens_decoder exists the config is complete; before, the map had the last word (SD 2 relies on it: "!").
        JsonElement[] sources = config.TryGetProperty("added_tokens_decoder", out _) ? [config, map] : [map, config];
        var unknown = Token("unk_token", End);
        var end = Token("eos_token", End);
        return new TokenizerSettings(Token("bos_token", Start), end, Token("pad_token", end), unknown, MaxLength());

        string Token(string name, string otherwise)
        {
            foreach (var source in sources)
            {
                if (!source.TryGetProperty(name, out var value))
                    continue;
                if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content))
                    value = content;
                if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } token)
                    return token;
            }
            return otherwise;
        }

        int MaxLength()
        {
            // "Unlimited" is written as a huge float.
            if (!config.TryGetProperty("model_max_length", out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var length))
                return usualMaxLength;
            return length >= 2
                ? length
                : throw new ModelException($"{Path.Combine(directory, "tokenizer_config.json")}: model_max_length {length} leaves no room for a prompt.");
        }
    }

    static JsonElement ReadObject(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(ClipTokenizer.ReadFile(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ModelException($"{path}: not a JSON object.");
        }
        catch (JsonException fault)
        {
            throw new ModelException($"{path}: not JSON: {ClipTokenizer.OneLine(fault)}", fault);
        }
    }
}

[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class TokenizerJson : JsonSerializerContext;
