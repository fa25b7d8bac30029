using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Models;

/// <summary>Scaled dot-product attention over several heads (Vaswani et al. 2017, arXiv:1706.03762).</summary>
static class MultiHeadAttention
{
    /// <param name="query">[batch, targets, channels]</param>
    /// <param name="key">[batch, sources, channels]</param>
    /// <param name="value">[batch, sources, channels]</param>
    /// <param name="heads">Divides channels.</param>
    /// <param name="causal">Each target sees only sources up to its own place.</param>
    /// <returns>[batch, targets, channels]</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, int heads, bool causal = false)
    {
        using var scope = NewDisposeScope();
        var attended = nn.functional.scaled_dot_product_attention(Split(query, heads), Split(key, heads), Split(value, heads), is_casual: causal);
        return attended.transpose(1, 2).reshape(query.shape).MoveToOuterDisposeScope();
    }

    static Tensor Split(Tensor x, int heads)
    {
        var (batch, tokens, channels) = (x.shape[0], x.shape[1], x.shape[2]);
        return x.view(batch, tokens, heads, channels / heads).transpose(1, 2);
    }
}
