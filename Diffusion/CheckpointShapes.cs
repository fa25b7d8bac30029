using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;

namespace SdAspire.Diffusion;

/// <summary>Reads configurations off the shapes of a single-file checkpoint's tensors.</summary>
/// <remarks>No shape tells heads, norm groups and activations; those are what the published models of the family have.</remarks>
sealed class CheckpointShapes(SafetensorsFile file)
{
    const int HeadDim = 64;
    const int UsualGroups = 32;

    public bool Has(string name) => file.Entries.ContainsKey(name);

    public bool HasAny(string prefix) => file.Entries.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    public UNet2DConditionConfig UNet(string prefix, Family family, int projectionDim)
    {
        var levels = new List<(int Channels, int Layers, int Depth)>();
        var (layers, depth, crossAttention, linear) = (0, 0, 0, false);
        for (var block = 1; HasAny($"{prefix}input_blocks.{block}."); block++)
        {
            var at = $"{prefix}input_blocks.{block}";
            if (Has($"{at}.0.op.weight"))
            {
                levels.Add(((int)Shape($"{at}.0.op.weight", 4)[0], layers, depth));
                (layers, depth) = (0, 0);
                continue;
            }
            layers++;
            if (Has($"{at}.1.norm.weight"))
            {
                depth = Count($"{at}.1.transformer_blocks");
                crossAttention = (int)Shape($"{at}.1.transformer_blocks.0.attn2.to_k.weight", 2)[1];
                linear = Dimensions($"{at}.1.proj_in.weight") == 2;
            }
        }
        var middle = Count($"{prefix}middle_block.1.transformer_blocks");
        levels.Add(((int)Shape($"{prefix}middle_block.0.in_layers.2.weight", 4)[0], layers, depth));
        var attends = levels.Select(level => level.Depth > 0).ToList();
        // The middle has the depth of the last level, also where that level itself has no attention.
        var depths = levels.Select((level, i) => i == levels.Count - 1 ? Math.Max(middle, 1) : Math.Max(level.Depth, 1)).ToList();
        var added = Has($"{prefix}label_emb.0.0.weight") ? (int?)Shape($"{prefix}label_emb.0.0.weight", 2)[1] : null;
        return new UNet2DConditionConfig
        {
            SampleSize = family switch { Family.SD1 => 64, Family.SD2 => 96, _ => 128 },
            InChannels = (int)Shape($"{prefix}input_blocks.0.0.weight", 4)[1],
            OutChannels = (int)Shape($"{prefix}out.2.weight", 4)[0],
            BlockOutChannels = [.. levels.Select(level => level.Channels)],
            NormNumGroups = Groups(levels.Select(level => level.Channels)),
            DownBlockTypes = [.. attends.Select(a => a ? "CrossAttnDownBlock2D" : "DownBlock2D")],
            UpBlockTypes = [.. attends.AsEnumerable().Reverse().Select(a => a ? "CrossAttnUpBlock2D" : "UpBlock2D")],
            LayersPerBlock = levels[0].Layers,
            AttentionHeadDim = family == Family.SD1 ? [8] : [.. levels.Select(level => Math.Max(1, level.Channels / HeadDim))],
            TransformerLayersPerBlock = depths.Distinct().Count() == 1 ? [depths[0]] : depths,
            CrossAttentionDim = crossAttention,
            UseLinearProjection = linear,
            UpcastAttention = family == Family.SD2,
            AdditionEmbedType = added is null ? null : "text_time",
            ProjectionClassEmbeddingsInputDim = added,
            AdditionTimeEmbedDim = (added - projectionDim) / ModelFiles.TimeIds,
            TimeCondProjDim = Has($"{prefix}time_embed.cond_proj.weight")
                ? (int)Shape($"{prefix}time_embed.cond_proj.weight", 2)[1]
                : null,
        };
    }

    public AutoencoderKLConfig Autoencoder(string prefix, Family family)
    {
        var levels = Count($"{prefix}encoder.down");
        int[] channels =
            [.. Enumerable.Range(0, levels).Select(i => (int)Shape($"{prefix}encoder.down.{i}.block.0.conv1.weight", 4)[0])];
        return new AutoencoderKLConfig
        {
            BlockOutChannels = channels,
            NormNumGroups = Groups(channels),
            DownBlockTypes = [.. Enumerable.Repeat("DownEncoderBlock2D", levels)],
            UpBlockTypes = [.. Enumerable.Repeat("UpDecoderBlock2D", levels)],
            LayersPerBlock = Count($"{prefix}encoder.down.0.block"),
            LatentChannels = (int)Shape($"{prefix}decoder.conv_in.weight", 4)[1],
            UseQuantConv = Has($"{prefix}quant_conv.weight"),
            UsePostQuantConv = Has($"{prefix}post_quant_conv.weight"),
            MidBlockAddAttention = Has($"{prefix}decoder.mid.attn_1.q.weight"),
            ScalingFactor = family == Family.SDXL ? 0.13025 : 0.18215,
        };
    }

    public ClipTextConfig Clip(string prefix)
    {
        var at = HasAny(prefix + "text_model.") ? prefix + "text_model." : prefix;
        var tokens = Shape($"{at}embeddings.token_embedding.weight", 2);
        return new ClipTextConfig
        {
            VocabSize = (int)tokens[0],
            HiddenSize = (int)tokens[1],
            MaxPositionEmbeddings = (int)Shape($"{at}embeddings.position_embedding.weight", 2)[0],
            NumHiddenLayers = Count($"{at}encoder.layers"),
            IntermediateSize = (int)Shape($"{at}encoder.layers.0.mlp.fc1.weight", 2)[0],
            NumAttentionHeads = Math.Max(1, (int)tokens[1] / HeadDim),
            HiddenAct = "quick_gelu",
        };
    }

    public ClipTextConfig OpenClip(string prefix, int layersLeftOut)
    {
        var tokens = Shape($"{prefix}token_embedding.weight", 2);
        return new ClipTextConfig
        {
            VocabSize = (int)tokens[0],
            HiddenSize = (int)tokens[1],
            MaxPositionEmbeddings = (int)Shape($"{prefix}positional_embedding", 2)[0],
            NumHiddenLayers = Count($"{prefix}transformer.resblocks") - layersLeftOut,
            IntermediateSize = (int)Shape($"{prefix}transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
            NumAttentionHeads = Math.Max(1, (int)tokens[1] / HeadDim),
            HiddenAct = "gelu",
            ProjectionDim = Has($"{prefix}text_projection") ? (int)Shape($"{prefix}text_projection", 2)[1] : (int)tokens[1],
        };
    }

    // All published models have 32; narrow ones cannot.
    static int Groups(IEnumerable<int> channels) =>
        Enumerable.Range(1, UsualGroups).Last(groups => channels.All(width => width % groups == 0));

    /// <summary>How many numbered members there are: prefix.0, prefix.1 and so on.</summary>
    int Count(string prefix)
    {
        var count = 0;
        while (HasAny($"{prefix}.{count}."))
        {
            count++;
        }
        return count;
    }

    int Dimensions(string name) => file.Entries.TryGetValue(name, out var entry) ? entry.Shape.Length : 0;

    long[] Shape(string name, int dimensions) =>
        !file.Entries.TryGetValue(name, out var entry) ? throw new ModelException($"{file.Path}: tensor '{name}' is missing")
        : entry.Shape.Length != dimensions || entry.Shape.Any(d => d is < 1 or > int.MaxValue) ? throw new ModelException(
            $"{file.Path}: tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], {dimensions} dimensions were expected")
        : entry.Shape;
}
