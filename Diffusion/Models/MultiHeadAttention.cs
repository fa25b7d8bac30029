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
    /// <param name="upcast">Computes in single precision; the result has the query's type.</param>
    /// <returns>[batch, targets, channels]</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, int heads, bool causal = false, bool upcast = false)
    {
        using var scope = NewDisposeScope();
        var attended = nn.functional.scaled_dot_product_attention(Split(query), Split(key), Split(value), is_casual: causal);
        return attended.transpose(1, 2).reshape(query.shape).to(query.dtype).MoveToOuterDisposeScope();

        Tensor Split(Tensor x)
        {
            var (batch, tokens, channels) = (x.shape[0], x.shape[1], x.shape[2]);
            return (upcast ? x.to(ScalarType.Float32) : x).view(batch, tokens, heads, channels / heads).transpose(1, 2);
        }
    }
}
