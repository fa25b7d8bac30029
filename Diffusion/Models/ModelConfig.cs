using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using SdAspire.Diffusion.Weights;

namespace SdAspire.Diffusion.Models;

// These have setters, not init: generated JSON code would set every init property, and absent keys would lose their defaults.

/// <summary>unet/config.json. Names and defaults are diffusers'.</summary>
public sealed record UNet2DConditionConfig
{
    [JsonPropertyName("_class_name")] public string ClassName { get; set; } = "UNet2DConditionModel";
    public int SampleSize { get; set; } = 64;
    public int InChannels { get; set; } = 4;
    public int OutChannels { get; set; } = 4;
    public IReadOnlyList<int> BlockOutChannels { get; set; } = [320, 640, 1280, 1280];
    public IReadOnlyList<string> DownBlockTypes { get; set; } = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"];
    public string? MidBlockType { get; set; } = "UNetMidBlock2DCrossAttn";
    public IReadOnlyList<string> UpBlockTypes { get; set; } = ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"];
    public int LayersPerBlock { get; set; } = 2;

    /// <summary>Despite its name the number of heads, per level or one for all; diffusers keeps it so for old checkpoints.</summary>
    [JsonConverter(typeof(IntOrListConverter))] public IReadOnlyList<int> AttentionHeadDim { get; set; } = [8];
    [JsonConverter(typeof(IntOrListConverter))] public IReadOnlyList<int>? NumAttentionHeads { get; set; }
    [JsonConverter(typeof(IntOrListConverter))] public IReadOnlyList<int> TransformerLayersPerBlock { get; set; } = [1];
    public int CrossAttentionDim { get; set; } = 1280;
    public int NormNumGroups { get; set; } = 32;
    public double NormEps { get; set; } = 1e-5;
    public string ActFn { get; set; } = "silu";
    public bool FlipSinToCos { get; set; } = true;
    public double FreqShift { get; set; }
    public bool UseLinearProjection { get; set; }
    public string TimeEmbeddingType { get; set; } = "positional";
    public int? TimeCondProjDim { get; set; }
    public string? AdditionEmbedType { get; set; }
    public int? AdditionTimeEmbedDim { get; set; }
    public int? ProjectionClassEmbeddingsInputDim { get; set; }
    public bool UpcastAttention { get; set; }

    /// <summary>All other keys: none may change what the network does.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>vae/config.json. Names and defaults are diffusers'.</summary>
public sealed record AutoencoderKLConfig
{
    [JsonPropertyName("_class_name")] public string ClassName { get; set; } = "AutoencoderKL";
    public int InChannels { get; set; } = 3;
    public int OutChannels { get; set; } = 3;
    public IReadOnlyList<string> DownBlockTypes { get; set; } = [];
    public IReadOnlyList<string> UpBlockTypes { get; set; } = [];
    public IReadOnlyList<int> BlockOutChannels { get; set; } = [128, 256, 512, 512];
    public int LayersPerBlock { get; set; } = 2;
    public int LatentChannels { get; set; } = 4;
    public int NormNumGroups { get; set; } = 32;
    public int SampleSize { get; set; } = 512;
    public string ActFn { get; set; } = "silu";
    public double ScalingFactor { get; set; } = 0.18215;
    public double? ShiftFactor { get; set; }
    public IReadOnlyList<double>? LatentsMean { get; set; }
    public IReadOnlyList<double>? LatentsStd { get; set; }
    public bool UseQuantConv { get; set; } = true;
    public bool UsePostQuantConv { get; set; } = true;
    public bool MidBlockAddAttention { get; set; } = true;
}

/// <summary>vae/config.json of a tiny autoencoder. Names and defaults are diffusers'.</summary>
public sealed record AutoencoderTinyConfig
{
    [JsonPropertyName("_class_name")] public string ClassName { get; set; } = "AutoencoderTiny";
    public int InChannels { get; set; } = 3;
    public int OutChannels { get; set; } = 3;
    public IReadOnlyList<int> EncoderBlockOutChannels { get; set; } = [64, 64, 64, 64];
    public IReadOnlyList<int> DecoderBlockOutChannels { get; set; } = [64, 64, 64, 64];
    public IReadOnlyList<int> NumEncoderBlocks { get; set; } = [1, 3, 3, 3];
    public IReadOnlyList<int> NumDecoderBlocks { get; set; } = [3, 3, 3, 1];
    public int LatentChannels { get; set; } = 4;
    public string ActFn { get; set; } = "relu";
    public string UpsampleFn { get; set; } = "nearest";
    public int UpsamplingScalingFactor { get; set; } = 2;
    public double ScalingFactor { get; set; } = 1;
    public double? ShiftFactor { get; set; }
}

/// <summary>Which class a configuration is for.</summary>
public sealed record ClassNameOnly
{
    [JsonPropertyName("_class_name")] public string? ClassName { get; set; }
}

/// <summary>text_encoder/config.json. Names and defaults are transformers'.</summary>
public sealed record ClipTextConfig
{
    public IReadOnlyList<string> Architectures { get; set; } = ["CLIPTextModel"];
    public int VocabSize { get; set; } = 49408;
    public int HiddenSize { get; set; } = 512;
    public int IntermediateSize { get; set; } = 2048;
    public int NumHiddenLayers { get; set; } = 12;
    public int NumAttentionHeads { get; set; } = 8;
    public int MaxPositionEmbeddings { get; set; } = 77;
    public string HiddenAct { get; set; } = "quick_gelu";
    public double LayerNormEps { get; set; } = 1e-5;
    public int EosTokenId { get; set; } = 2;
    public int ProjectionDim { get; set; } = 512;

    [JsonIgnore] public bool HasProjection => Architectures.Contains("CLIPTextModelWithProjection");
}

/// <summary>The vision_config of safety_checker/config.json. Names and defaults are transformers'.</summary>
public sealed record ClipVisionConfig
{
    public int HiddenSize { get; set; } = 768;
    public int IntermediateSize { get; set; } = 3072;
    public int NumHiddenLayers { get; set; } = 12;
    public int NumAttentionHeads { get; set; } = 12;
    public int ImageSize { get; set; } = 224;
    public int PatchSize { get; set; } = 32;
    public string HiddenAct { get; set; } = "quick_gelu";
    public double LayerNormEps { get; set; } = 1e-5;

    /// <summary>The transformer, which has the text tower's shape.</summary>
    [JsonIgnore]
    public ClipTextConfig Tower => new()
    {
        HiddenSize = HiddenSize, IntermediateSize = IntermediateSize, NumHiddenLayers = NumHiddenLayers,
        NumAttentionHeads = NumAttentionHeads, HiddenAct = HiddenAct, LayerNormEps = LayerNormEps,
    };
}

/// <summary>safety_checker/config.json. Names and defaults are transformers'.</summary>
public sealed record SafetyCheckerConfig
{
    public int ProjectionDim { get; set; } = 512;
    public ClipVisionConfig VisionConfig { get; set; } = new();
}

/// <summary>model_index.json: which class each component is of, as [library, class].</summary>
public sealed record ModelIndex
{
    [JsonPropertyName("_class_name")] public string ClassName { get; set; } = "StableDiffusionPipeline";
    public IReadOnlyList<string?>? Tokenizer { get; set; }
    public IReadOnlyList<string?>? TextEncoder { get; set; }
    [JsonPropertyName("tokenizer_2")] public IReadOnlyList<string?>? Tokenizer2 { get; set; }
    [JsonPropertyName("text_encoder_2")] public IReadOnlyList<string?>? TextEncoder2 { get; set; }
    public IReadOnlyList<string?>? Unet { get; set; }
    public IReadOnlyList<string?>? Vae { get; set; }
    public IReadOnlyList<string?>? Scheduler { get; set; }
    public IReadOnlyList<string?>? SafetyChecker { get; set; }

    /// <summary>SDXL: with no negative prompt given, its embeddings are zeros, not those of an empty text.</summary>
    public bool? ForceZerosForEmptyPrompt { get; set; }
}

/// <summary>Reads a configuration file.</summary>
public static partial class ConfigFile
{
    // Far beyond what there is; what is multiplied stays a number.
    const int MaximumSize = 1 << 20;
    const int MaximumLayers = 256;

    /// <exception cref="ModelException">The file is missing, no JSON, or has values of the wrong kind; names the file.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(Standard(File.ReadAllText(path)), type) ?? throw new ModelException($"{path}: is empty");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException($"{path}: the file is missing", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path}: cannot be read: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new ModelException($"{path}: malformed at {e.Path}, line {e.LineNumber + 1}", e);
        }
    }

    /// <summary>Python writes infinite numbers bare, which is no JSON; in quotes they can be read.</summary>
    internal static string Standard(string json) => InfiniteValue().Replace(json, "$1\"$2\"");

    [GeneratedRegex(@"(""\s*:\s*)(-?Infinity)(?=\s*[,}])")]
    private static partial Regex InfiniteValue();

    /// <exception cref="ModelException">A size is none that a network can have.</exception>
    internal static void RequireSizes(string path, string key, params IEnumerable<int?> sizes)
    {
        foreach (var size in sizes)
        {
            Require(size is > 0 and <= MaximumSize, path, key, size);
        }
    }

    /// <exception cref="ModelException">There are so many layers in no network.</exception>
    internal static void RequireLayers(string path, string key, params IEnumerable<int> layers)
    {
        foreach (var count in layers)
        {
            Require(count is > 0 and <= MaximumLayers, path, key, count);
        }
    }

    /// <exception cref="ModelException">Names the file, the key and the value.</exception>
    internal static void Require(bool supported, string path, string key, object? value)
    {
        if (!supported)
        {
            throw new ModelException($"{path}: {key} '{value ?? "null"}' is not supported");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UNet2DConditionConfig))]
[JsonSerializable(typeof(AutoencoderKLConfig))]
[JsonSerializable(typeof(AutoencoderTinyConfig))]
[JsonSerializable(typeof(ClassNameOnly))]
[JsonSerializable(typeof(ShardIndex))]
[JsonSerializable(typeof(ClipTextConfig))]
[JsonSerializable(typeof(ModelIndex))]
[JsonSerializable(typeof(SafetyCheckerConfig))]
[JsonSerializable(typeof(Schedulers.SchedulerConfig))]
public sealed partial class ModelJson : JsonSerializerContext;

/// <summary>diffusers writes one number where a list would repeat it.</summary>
sealed class IntOrListConverter : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return [reader.GetInt32()];
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException();
        }
        var list = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(reader.GetInt32());
        }
        return list;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<int> value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            writer.WriteNumberValue(value[0]);
            return;
        }
        writer.WriteStartArray();
        foreach (var item in value)
        {
            writer.WriteNumberValue(item);
        }
        writer.WriteEndArray();
    }
}
