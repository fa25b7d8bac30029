namespace SdAspire.Diffusion.Weights;

/// <summary>Where a LoRA's tensor belongs.</summary>
/// <param name="Part">unet, text_encoder or text_encoder_2.</param>
/// <param name="Module">The module's name, with underscores for dots.</param>
/// <param name="Role">What the tensor is.</param>
readonly record struct LoraKey(string Part, string Module, LoraRole Role);

enum LoraRole
{
    /// <summary>[rank, in, …]</summary>
    Down,

    /// <summary>[out, rank, …]</summary>
    Up,

    /// <summary>A scalar; absent it is the rank.</summary>
    Alpha,
}

/// <summary>
/// The ways in which LoRA files name their tensors. All come down to a part of the model and a module, whose dots kohya's trainer
/// replaces with underscores; so underscores are what is compared.
/// </summary>
static class LoraNames
{
    static readonly (string Ending, LoraRole Role)[] Roles =
    [
        // kohya
        (".lora_down.weight", LoraRole.Down), (".lora_up.weight", LoraRole.Up), (".alpha", LoraRole.Alpha),
        // PEFT, with or without the adapter's usual name
        (".lora_A.weight", LoraRole.Down), (".lora_B.weight", LoraRole.Up),
        (".lora_A.default.weight", LoraRole.Down), (".lora_B.default.weight", LoraRole.Up),
        // old diffusers: attention processors, text encoders, any layer
        ("_lora.down.weight", LoraRole.Down), ("_lora.up.weight", LoraRole.Up),
        (".lora_linear_layer.down.weight", LoraRole.Down), (".lora_linear_layer.up.weight", LoraRole.Up),
        (".lora.down.weight", LoraRole.Down), (".lora.up.weight", LoraRole.Up),
    ];

    static readonly (string Start, string Part)[] Parts =
    [
        ("lora_unet_", "unet"), ("lora_te_", "text_encoder"), ("lora_te1_", "text_encoder"), ("lora_te2_", "text_encoder_2"),
        ("unet.", "unet"), ("text_encoder.", "text_encoder"), ("text_encoder_2.", "text_encoder_2"),
        // The oldest diffusers files hold the UNet's attention processors alone.
        ("down_blocks.", "unet"), ("mid_block.", "unet"), ("up_blocks.", "unet"),
    ];

    /// <returns>Null for a name of no known kind.</returns>
    public static LoraKey? Parse(string name)
    {
        var (ending, role) = Roles.FirstOrDefault(r => name.EndsWith(r.Ending, StringComparison.Ordinal));
        var (start, part) = Parts.FirstOrDefault(p => name.StartsWith(p.Start, StringComparison.Ordinal));
        if (ending is null || start is null)
        {
            return null;
        }
        var module = name[(IsModule(start) ? 0 : start.Length)..^ending.Length]
            .Replace(".processor.", ".", StringComparison.Ordinal);
        // A processor's output was one layer, where the module has it first in a list.
        if (ending.StartsWith('_') && module.EndsWith(".to_out", StringComparison.Ordinal))
        {
            module += ".0";
        }
        return new(part, Underscored(module), role);
    }

    static bool IsModule(string start) =>
        start.EndsWith("block.", StringComparison.Ordinal) || start.EndsWith("blocks.", StringComparison.Ordinal);

    public static string Underscored(string module) => module.Replace('.', '_');
}
