using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>What some families tell the UNet beside the time and the text.</summary>
/// <param name="TextEmbeds">SDXL: the pooled text, [batch, projection_dim].</param>
/// <param name="TimeIds">SDXL: original height and width, top and left of the crop, target height and width, [batch, 6].</param>
/// <param name="TimestepCond">LCM: the guidance scale, embedded, [batch, time_cond_proj_dim].</param>
public sealed record AddedConditions(Tensor? TextEmbeds = null, Tensor? TimeIds = null, Tensor? TimestepCond = null);

/// <summary>
/// The denoiser of latent diffusion (Rombach et al. 2022, arXiv:2112.10752): a U-shaped network that predicts the noise, or the
/// velocity, in latents at a timestep, seeing the text through cross-attention. Member names are those of the weights.
/// </summary>
public sealed class UNet2DConditionModel : Module<Tensor, Tensor, Tensor, AddedConditions?, Tensor>
{
    readonly Convolution2D conv_in;
    readonly TimestepEmbedding time_embedding;
    readonly TimestepEmbedding? add_embedding;
    readonly ModuleList<DownBlock2D> down_blocks = new();
    readonly UNetMidBlock2DCrossAttn mid_block;
    readonly ModuleList<UpBlock2D> up_blocks = new();
    readonly GroupNorm conv_norm_out;
    readonly Convolution2D conv_out;

    public UNet2DConditionModel(UNet2DConditionConfig config) : base(nameof(UNet2DConditionModel))
    {
        Config = config;
        var channels = config.BlockOutChannels;
        var levels = channels.Count;
        var timeEmbedding = channels[0] * 4;

        conv_in = new Convolution2D(config.InChannels, channels[0], 3, padding: 1);
        time_embedding = new TimestepEmbedding(channels[0], timeEmbedding, config.TimeCondProjDim);
        add_embedding = config.AdditionEmbedType == "text_time"
            ? new TimestepEmbedding(config.ProjectionClassEmbeddingsInputDim ?? 0, timeEmbedding)
            : null;
        for (var level = 0; level < levels; level++)
        {
            down_blocks.Add(new DownBlock2D(config, level, channels[Math.Max(level - 1, 0)], timeEmbedding));
        }
        mid_block = new UNetMidBlock2DCrossAttn(config, timeEmbedding);
        for (var i = 0; i < levels; i++)
        {
            var level = levels - 1 - i;
            up_blocks.Add(new UpBlock2D(config, i, inChannels: channels[Math.Max(level - 1, 0)],
                previousChannels: channels[Math.Min(level + 1, levels - 1)], timeEmbedding));
        }
        conv_norm_out = GroupNorm(config.NormNumGroups, channels[0], config.NormEps);
        conv_out = new Convolution2D(channels[0], config.OutChannels, 3, padding: 1);
        RegisterComponents();
    }

    public UNet2DConditionConfig Config { get; }

    /// <param name="sample">Noisy latents, [batch, in_channels, height, width].</param>
    /// <param name="timestep">A number, or [batch], 0 … num_train_timesteps − 1; may lie between two steps.</param>
    /// <param name="encoderHiddenStates">The text, [batch, tokens, cross_attention_dim].</param>
    /// <param name="added">What the configuration asks for; null where it asks for nothing.</param>
    /// <returns>The prediction, [batch, out_channels, height, width].</returns>
    public override Tensor forward(Tensor sample, Tensor timestep, Tensor encoderHiddenStates, AddedConditions? added)
    {
        using var rows = timestep.reshape(1, -1);
        using var times = Times(rows, added);
        using var text = new TextStates(encoderHiddenStates);
        return Predict(sample, times.At(0), text);
    }

    /// <summary>All timesteps of a run, and what else the configuration asks for.</summary>
    /// <param name="timesteps">[steps, 1] or [steps, batch].</param>
    public TimeStates Times(Tensor timesteps, AddedConditions? added)
    {
        using var scope = NewDisposeScope();
        var time = Timesteps(timesteps.flatten(), Config.BlockOutChannels[0], Config.FlipSinToCos, Config.FreqShift);
        var temb = time_embedding.call(time.view(timesteps.shape[0], timesteps.shape[1], -1), added?.TimestepCond);
        if (add_embedding is not null)
        {
            temb = temb + add_embedding.call(TextTime(added), null);
        }
        return new(temb.DetachFromDisposeScope());
    }

    /// <summary>As <see cref="forward"/>, for a step of a run that keeps its text.</summary>
    public Tensor Predict(Tensor sample, TimeState time, TextStates text)
    {
        using var scope = NewDisposeScope();
        var h = conv_in.call(sample);
        var skips = new Stack<Tensor>([h]);
        foreach (var block in down_blocks)
        {
            h = block.Forward(h, time, text, skips);
        }
        h = mid_block.call(h, time, text);
        foreach (var block in up_blocks)
        {
            h = block.Forward(h, time, text, skips);
        }
        return conv_out.call(functional.silu(conv_norm_out.call(h))).MoveToOuterDisposeScope();
    }

    /// <summary>A guidance scale as LCM's UNet wants it: sine first and a thousandfold, [batch] to [batch, dimensions].</summary>
    public static Tensor GuidanceEmbedding(Tensor scales, int dimensions)
    {
        using var scope = NewDisposeScope();
        return Timesteps((scales - 1) * 1000, dimensions, flipSinToCos: false, freqShift: 1).MoveToOuterDisposeScope();
    }

    Tensor TextTime(AddedConditions? added)
    {
        if (added is not { TextEmbeds: { } text, TimeIds: { } ids })
        {
            throw new ArgumentException("this UNet needs the pooled text and the time ids", nameof(added));
        }
        var sizes = Timesteps(ids.flatten(), Config.AdditionTimeEmbedDim ?? 0, Config.FlipSinToCos, Config.FreqShift);
        return cat([text, sizes.reshape(text.shape[0], -1)], 1);
    }

    /// <summary>Sines and cosines of the timestep at geometrically spaced frequencies: [batch] to [batch, dimensions].</summary>
    internal static Tensor Timesteps(Tensor timesteps, int dimensions, bool flipSinToCos, double freqShift)
    {
        using var scope = NewDisposeScope();
        var half = dimensions / 2;
        var frequencies = exp(arange(half, ScalarType.Float32, timesteps.device) * (-Math.Log(10_000) / (half - freqShift)));
        var angles = timesteps.to(ScalarType.Float32).unsqueeze(1) * frequencies.unsqueeze(0);
        return cat(flipSinToCos ? [angles.cos(), angles.sin()] : [angles.sin(), angles.cos()], 1).MoveToOuterDisposeScope();
    }
}

sealed class TimestepEmbedding : Module<Tensor, Tensor?, Tensor>
{
    readonly Linear linear_1, linear_2;
    readonly Linear? cond_proj;

    public TimestepEmbedding(int inChannels, int outChannels, int? condition = null) : base(nameof(TimestepEmbedding))
    {
        linear_1 = new Linear(inChannels, outChannels);
        cond_proj = condition is { } width ? new Linear(width, inChannels, hasBias: false) : null;
        linear_2 = new Linear(outChannels, outChannels);
        RegisterComponents();
    }

    /// <param name="condition">[batch, condition], or null.</param>
    public override Tensor forward(Tensor x, Tensor? condition)
    {
        using var scope = NewDisposeScope();
        x = x.to(linear_1.weight.dtype);
        if (cond_proj is not null && condition is not null)
        {
            x = x + cond_proj.call(condition.to(x.dtype));
        }
        return linear_2.call(functional.silu(linear_1.call(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>DownBlock2D, or CrossAttnDownBlock2D when the level has attention.</summary>
sealed class DownBlock2D : Module
{
    readonly ModuleList<ResnetBlock2D> resnets = new();
    readonly ModuleList<Transformer2DModel>? attentions;
    readonly ModuleList<Downsample2D>? downsamplers;

    public DownBlock2D(UNet2DConditionConfig config, int level, int inChannels, int timeEmbedding) : base(nameof(DownBlock2D))
    {
        var channels = config.BlockOutChannels[level];
        attentions = config.DownBlockTypes[level] == "CrossAttnDownBlock2D" ? new() : null;
        for (var i = 0; i < config.LayersPerBlock; i++)
        {
            resnets.Add(new ResnetBlock2D(i == 0 ? inChannels : channels, channels, timeEmbedding, config.NormNumGroups, config.NormEps));
            attentions?.Add(config.NewTransformer(level));
        }
        downsamplers = level < config.BlockOutChannels.Count - 1 ? new(new Downsample2D(channels, padsBottomRight: false)) : null;
        RegisterComponents();
    }

    /// <summary>Pushes every result that the way up will want onto <paramref name="skips"/>.</summary>
    public Tensor Forward(Tensor h, TimeState time, TextStates text, Stack<Tensor> skips)
    {
        for (var i = 0; i < resnets.Count; i++)
        {
            h = resnets[i].call(h, time);
            h = attentions?[i].call(h, text) ?? h;
            skips.Push(h);
        }
        if (downsamplers is not null)
        {
            h = downsamplers[0].call(h);
            skips.Push(h);
        }
        return h;
    }
}

sealed class UNetMidBlock2DCrossAttn : Module<Tensor, TimeState, TextStates, Tensor>
{
    readonly ModuleList<ResnetBlock2D> resnets;
    readonly ModuleList<Transformer2DModel> attentions;

    public UNetMidBlock2DCrossAttn(UNet2DConditionConfig config, int timeEmbedding) : base(nameof(UNetMidBlock2DCrossAttn))
    {
        var level = config.BlockOutChannels.Count - 1;
        var channels = config.BlockOutChannels[level];
        resnets = new(
            new ResnetBlock2D(channels, channels, timeEmbedding, config.NormNumGroups, config.NormEps),
            new ResnetBlock2D(channels, channels, timeEmbedding, config.NormNumGroups, config.NormEps));
        attentions = new(config.NewTransformer(level));
        RegisterComponents();
    }

    public override Tensor forward(Tensor h, TimeState time, TextStates text)
    {
        using var scope = NewDisposeScope();
        h = attentions[0].call(resnets[0].call(h, time), text);
        return resnets[1].call(h, time).MoveToOuterDisposeScope();
    }
}

/// <summary>UpBlock2D, or CrossAttnUpBlock2D when the level has attention.</summary>
sealed class UpBlock2D : Module
{
    readonly ModuleList<ResnetBlock2D> resnets = new();
    readonly ModuleList<Transformer2DModel>? attentions;
    readonly ModuleList<Upsample2D>? upsamplers;

    public UpBlock2D(UNet2DConditionConfig config, int index, int inChannels, int previousChannels, int timeEmbedding) : base(nameof(UpBlock2D))
    {
        var level = config.BlockOutChannels.Count - 1 - index;
        var channels = config.BlockOutChannels[level];
        attentions = config.UpBlockTypes[index] == "CrossAttnUpBlock2D" ? new() : null;
        for (var i = 0; i <= config.LayersPerBlock; i++)
        {
            var skip = i == config.LayersPerBlock ? inChannels : channels;
            resnets.Add(new ResnetBlock2D((i == 0 ? previousChannels : channels) + skip, channels, timeEmbedding, config.NormNumGroups, config.NormEps));
            attentions?.Add(config.NewTransformer(level));
        }
        upsamplers = level > 0 ? new(new Upsample2D(channels)) : null;
        RegisterComponents();
    }

    public Tensor Forward(Tensor h, TimeState time, TextStates text, Stack<Tensor> skips)
    {
        for (var i = 0; i < resnets.Count; i++)
        {
            h = resnets[i].call(cat([h, skips.Pop()], 1), time);
            h = attentions?[i].call(h, text) ?? h;
        }
        // Sizes that do not divide by two must meet the skip's size, not twice their own.
        return upsamplers?[0].call(h, skips.Peek().shape[2..]) ?? h;
    }
}

static class UNet2DConditionConfigExtensions
{
    extension(UNet2DConditionConfig config)
    {
        public Transformer2DModel NewTransformer(int level) => new(
            config.BlockOutChannels[level],
            At(config.NumAttentionHeads ?? config.AttentionHeadDim, level),
            At(config.TransformerLayersPerBlock, level),
            config.CrossAttentionDim, config.NormNumGroups, config.UseLinearProjection, config.UpcastAttention);

        /// <exception cref="ModelException">A key has a value that this engine has no code for.</exception>
        public void Verify(string path)
        {
            ConfigFile.Require(config.ClassName == "UNet2DConditionModel", path, "_class_name", config.ClassName);
            ConfigFile.Require(config.MidBlockType == "UNetMidBlock2DCrossAttn", path, "mid_block_type", config.MidBlockType);
            ConfigFile.Require(config.ActFn is "silu" or "swish", path, "act_fn", config.ActFn);
            ConfigFile.Require(config.TimeEmbeddingType == "positional", path, "time_embedding_type", config.TimeEmbeddingType);
            ConfigFile.Require(
                config.AdditionEmbedType is null or "text_time", path, "addition_embed_type", config.AdditionEmbedType);
            if (config.AdditionEmbedType is not null)
            {
                ConfigFile.Require(IsEmbedding(config.AdditionTimeEmbedDim), path, "addition_time_embed_dim", config.AdditionTimeEmbedDim);
                ConfigFile.RequireSizes(path, "projection_class_embeddings_input_dim", config.ProjectionClassEmbeddingsInputDim);
            }
            ConfigFile.Require(config.TimeCondProjDim is null || IsEmbedding(config.TimeCondProjDim), path,
                "time_cond_proj_dim", config.TimeCondProjDim);
            ConfigFile.Require(config.FreqShift is >= 0 and <= 1, path, "freq_shift", config.FreqShift);
            ConfigFile.Require(config.NormEps is >= 0 and <= 1, path, "norm_eps", config.NormEps);
            ConfigFile.RequireLayers(path, "layers_per_block", config.LayersPerBlock);
            ConfigFile.RequireSizes(path, "cross_attention_dim", config.CrossAttentionDim);
            foreach (var (key, value) in config.Other ?? [])
            {
                ConfigFile.Require(IsInert(key, value), path, key, value);
            }
            foreach (var type in config.DownBlockTypes)
            {
                ConfigFile.Require(type is "DownBlock2D" or "CrossAttnDownBlock2D", path, "down_block_types", type);
            }
            foreach (var type in config.UpBlockTypes)
            {
                ConfigFile.Require(type is "UpBlock2D" or "CrossAttnUpBlock2D", path, "up_block_types", type);
            }
            ConfigFile.Require(config.DownBlockTypes.Count == config.BlockOutChannels.Count && config.UpBlockTypes.Count == config.BlockOutChannels.Count,
                path, "block_out_channels", string.Join(", ", config.BlockOutChannels));
            Blocks.Verify(config.BlockOutChannels, config.NormNumGroups, path);
            ConfigFile.Require(IsEmbedding(config.BlockOutChannels[0]), path, "block_out_channels", config.BlockOutChannels[0]);
            var (heads, headsKey) = config.NumAttentionHeads is { } given
                ? (given, "num_attention_heads")
                : (config.AttentionHeadDim, "attention_head_dim");
            RequirePerLevel(heads, headsKey);
            RequirePerLevel(config.TransformerLayersPerBlock, "transformer_layers_per_block");
            ConfigFile.RequireSizes(path, headsKey, heads.Select(value => (int?)value));
            ConfigFile.RequireLayers(path, "transformer_layers_per_block", config.TransformerLayersPerBlock);
            for (var level = 0; level < config.BlockOutChannels.Count; level++)
            {
                var attends = config.DownBlockTypes[level] == "CrossAttnDownBlock2D"
                    || config.UpBlockTypes[^(level + 1)] == "CrossAttnUpBlock2D" || level == config.BlockOutChannels.Count - 1;
                ConfigFile.Require(!attends || config.BlockOutChannels[level] % At(heads, level) == 0, path, headsKey, At(heads, level));
            }

            void RequirePerLevel(IReadOnlyList<int> values, string name) => ConfigFile.Require(
                values.Count == 1 || values.Count == config.BlockOutChannels.Count, path, name, string.Join(", ", values));
        }
    }

    // Half of it sines, half of it cosines.
    static bool IsEmbedding(int? dimensions) => dimensions is >= 4 && dimensions % 2 == 0;

    // What diffusers' class can do beyond the family is absent or switched off in its models.
    static bool IsInert(string key, JsonElement value) => key switch
    {
        _ when value.ValueKind is JsonValueKind.Null or JsonValueKind.False => true,
        "attention_type" or "resnet_time_scale_shift" => value.ValueKind == JsonValueKind.String && value.ValueEquals("default"),
        "conv_in_kernel" or "conv_out_kernel" => Is(value, 3),
        "downsample_padding" or "mid_block_scale_factor" or "resnet_out_scale_factor" => Is(value, 1),
        "dropout" => Is(value, 0),
        "addition_embed_type_num_heads" => true,
        _ => key.StartsWith('_'),
    };

    static bool Is(JsonElement value, double number) => value.ValueKind == JsonValueKind.Number && value.GetDouble() == number;

    static int At(IReadOnlyList<int> values, int level) => values.Count == 1 ? values[0] : values[level];
}
