using SdAspire.Diffusion.Models;

namespace SdAspire.Diffusion.Weights;

/// <summary>
/// From diffusers' names to those of the original code bases, which single-file checkpoints and some LoRAs have: latent-diffusion
/// (SD 1), generative-models (SDXL) and OpenCLIP (the text encoders of SD 2 and the second of SDXL).
/// </summary>
/// <remarks>
/// diffusers counts levels, and layers within a level; the original counts all blocks in a row, where going down a level is a
/// block of its own and going up is the last part of one.
/// </remarks>
public static class LdmNames
{
    /// <summary>A UNet's tensor, without the checkpoint's prefix.</summary>
    public static string UNet(string name, UNet2DConditionConfig config)
    {
        // Down: the layers, then the step to the next level. Up: one layer more, with the step in its block.
        var blocks = config.LayersPerBlock + 1;
        return name.Split('.') switch
        {
            ["conv_in", .. var rest] => Join("input_blocks.0.0", rest),
            ["time_embedding", "linear_1", .. var rest] => Join("time_embed.0", rest),
            ["time_embedding", "linear_2", .. var rest] => Join("time_embed.2", rest),
            ["time_embedding", "cond_proj", .. var rest] => Join("time_embed.cond_proj", rest),
            ["add_embedding", "linear_1", .. var rest] => Join("label_emb.0.0", rest),
            ["add_embedding", "linear_2", .. var rest] => Join("label_emb.0.2", rest),
            ["conv_norm_out", .. var rest] => Join("out.0", rest),
            ["conv_out", .. var rest] => Join("out.2", rest),
            ["down_blocks", var level, "resnets", var layer, .. var rest] =>
                Join($"input_blocks.{1 + Number(level) * blocks + Number(layer)}.0", Resnet(rest)),
            ["down_blocks", var level, "attentions", var layer, .. var rest] =>
                Join($"input_blocks.{1 + Number(level) * blocks + Number(layer)}.1", rest),
            ["down_blocks", var level, "downsamplers", "0", "conv", .. var rest] =>
                Join($"input_blocks.{(Number(level) + 1) * blocks}.0.op", rest),
            ["mid_block", "resnets", var layer, .. var rest] => Join($"middle_block.{2 * Number(layer)}", Resnet(rest)),
            ["mid_block", "attentions", "0", .. var rest] => Join("middle_block.1", rest),
            ["up_blocks", var level, "resnets", var layer, .. var rest] =>
                Join($"output_blocks.{Number(level) * blocks + Number(layer)}.0", Resnet(rest)),
            ["up_blocks", var level, "attentions", var layer, .. var rest] =>
                Join($"output_blocks.{Number(level) * blocks + Number(layer)}.1", rest),
            ["up_blocks", var level, "upsamplers", "0", "conv", .. var rest] => Join(
                $"output_blocks.{(Number(level) + 1) * blocks - 1}.{(HasAttention(config, Number(level)) ? 2 : 1)}.conv", rest),
            _ => name,
        };
    }

    /// <summary>An autoencoder's tensor, without the checkpoint's prefix.</summary>
    public static string Autoencoder(string name, AutoencoderKLConfig config) => name.Split('.') switch
    {
        [var side, "conv_norm_out", .. var rest] => Join($"{side}.norm_out", rest),
        [var side, "mid_block", "resnets", var layer, .. var rest] =>
            Join($"{side}.mid.block_{Number(layer) + 1}", VaeResnet(rest)),
        [var side, "mid_block", "attentions", "0", .. var rest] => Join($"{side}.mid.attn_1", VaeAttention(rest)),
        ["encoder", "down_blocks", var level, "resnets", var layer, .. var rest] =>
            Join($"encoder.down.{level}.block.{layer}", VaeResnet(rest)),
        ["encoder", "down_blocks", var level, "downsamplers", "0", .. var rest] => Join($"encoder.down.{level}.downsample", rest),
        ["decoder", "up_blocks", var level, "resnets", var layer, .. var rest] =>
            Join($"decoder.up.{config.BlockOutChannels.Count - 1 - Number(level)}.block.{layer}", VaeResnet(rest)),
        ["decoder", "up_blocks", var level, "upsamplers", "0", .. var rest] =>
            Join($"decoder.up.{config.BlockOutChannels.Count - 1 - Number(level)}.upsample", rest),
        _ => name,
    };

    /// <summary>A text encoder's tensor in OpenCLIP's naming, without the prefix: query, key and value lie fused.</summary>
    public static StoredAs OpenClip(string name) => name.Split('.') switch
    {
        ["text_model", "embeddings", "token_embedding", .. var rest] => new(Join("token_embedding", rest)),
        ["text_model", "embeddings", "position_embedding", "weight"] => new("positional_embedding"),
        ["text_model", "final_layer_norm", .. var rest] => new(Join("ln_final", rest)),
        ["text_projection", "weight"] => new("text_projection", Transposed: true),
        ["text_model", "encoder", "layers", var layer, .. var rest] => OpenClipLayer($"transformer.resblocks.{layer}", rest),
        _ => new(name),
    };

    static StoredAs OpenClipLayer(string block, string[] name) => name switch
    {
        ["self_attn", "q_proj", var kind] => new($"{block}.attn.in_proj_{kind}", 0, 3),
        ["self_attn", "k_proj", var kind] => new($"{block}.attn.in_proj_{kind}", 1, 3),
        ["self_attn", "v_proj", var kind] => new($"{block}.attn.in_proj_{kind}", 2, 3),
        ["self_attn", "out_proj", var kind] => new($"{block}.attn.out_proj.{kind}"),
        ["layer_norm1", var kind] => new($"{block}.ln_1.{kind}"),
        ["layer_norm2", var kind] => new($"{block}.ln_2.{kind}"),
        ["mlp", "fc1", var kind] => new($"{block}.mlp.c_fc.{kind}"),
        ["mlp", "fc2", var kind] => new($"{block}.mlp.c_proj.{kind}"),
        _ => new(Join(block, name)),
    };

    static string[] Resnet(string[] name) => name switch
    {
        ["norm1", .. var rest] => ["in_layers", "0", .. rest],
        ["conv1", .. var rest] => ["in_layers", "2", .. rest],
        ["time_emb_proj", .. var rest] => ["emb_layers", "1", .. rest],
        ["norm2", .. var rest] => ["out_layers", "0", .. rest],
        ["conv2", .. var rest] => ["out_layers", "3", .. rest],
        ["conv_shortcut", .. var rest] => ["skip_connection", .. rest],
        _ => name,
    };

    static string[] VaeResnet(string[] name) => name is ["conv_shortcut", .. var rest] ? ["nin_shortcut", .. rest] : name;

    static string[] VaeAttention(string[] name) => name switch
    {
        ["group_norm", .. var rest] => ["norm", .. rest],
        ["to_q", .. var rest] => ["q", .. rest],
        ["to_k", .. var rest] => ["k", .. rest],
        ["to_v", .. var rest] => ["v", .. rest],
        ["to_out", "0", .. var rest] => ["proj_out", .. rest],
        _ => name,
    };

    static bool HasAttention(UNet2DConditionConfig config, int upBlock) => config.UpBlockTypes[upBlock] == "CrossAttnUpBlock2D";

    static string Join(string head, string[] rest) => string.Join('.', [head, .. rest]);

    static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
