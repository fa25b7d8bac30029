using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>Reads the picture as a row of tokens, lets them attend to each other and to the text, and adds the result.</summary>
sealed class Transformer2DModel : Module<Tensor, TextStates, Tensor>
{
    readonly GroupNorm norm;
    readonly Module<Tensor, Tensor> proj_in;
    readonly ModuleList<BasicTransformerBlock> transformer_blocks;
    readonly Module<Tensor, Tensor> proj_out;
    readonly bool _linear;

    public Transformer2DModel(
        int channels, int heads, int layers, int crossAttentionDim, int groups, bool linearProjection, bool upcast)
        : base(nameof(Transformer2DModel))
    {
        _linear = linearProjection;
        norm = GroupNorm(groups, channels, 1e-6);
        proj_in = linearProjection ? new Linear(channels, channels) : new Convolution2D(channels, channels, 1);
        transformer_blocks = new(
            [.. Enumerable.Range(0, layers).Select(_ => new BasicTransformerBlock(channels, heads, crossAttentionDim, upcast))]);
        proj_out = linearProjection ? new Linear(channels, channels) : new Convolution2D(channels, channels, 1);
        RegisterComponents();
    }

    /// <param name="x">[batch, channels, height, width]</param>
    public override Tensor forward(Tensor x, TextStates text)
    {
        using var scope = NewDisposeScope();
        var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var h = norm.call(x);
        h = _linear ? proj_in.call(Tokens(h)) : Tokens(proj_in.call(h));
        foreach (var block in transformer_blocks)
        {
            h = block.call(h, text);
        }
        h = _linear ? Picture(proj_out.call(h)) : proj_out.call(Picture(h));
        // In this order: the sum has the memory layout of the first.
        return (x + h).MoveToOuterDisposeScope();

        Tensor Tokens(Tensor picture) => picture.permute(0, 2, 3, 1).reshape(batch, height * width, channels);
        Tensor Picture(Tensor tokens) => tokens.reshape(batch, height, width, channels).permute(0, 3, 1, 2);
    }
}

/// <summary>Self-attention, cross-attention and feed-forward, each on a layer norm and added.</summary>
sealed class BasicTransformerBlock : Module<Tensor, TextStates, Tensor>
{
    readonly LayerNorm norm1;
    readonly Attention attn1;
    readonly LayerNorm norm2;
    readonly Attention attn2;
    readonly LayerNorm norm3;
    readonly FeedForward ff;

    public BasicTransformerBlock(int channels, int heads, int crossAttentionDim, bool upcast)
        : base(nameof(BasicTransformerBlock))
    {
        norm1 = LayerNorm(channels);
        attn1 = new Attention(channels, heads, channels, upcast);
        norm2 = LayerNorm(channels);
        attn2 = new Attention(channels, heads, crossAttentionDim, upcast);
        norm3 = LayerNorm(channels);
        ff = new FeedForward(channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, TextStates text)
    {
        using var scope = NewDisposeScope();
        var h = x + attn1.call(norm1.call(x), null);
        h = h + attn2.call(norm2.call(h), text);
        return (h + ff.call(norm3.call(h))).MoveToOuterDisposeScope();
    }
}

sealed class Attention : Module<Tensor, TextStates?, Tensor>
{
    readonly Linear to_q, to_k, to_v;
    readonly ModuleList<Linear> to_out;
    readonly int _heads;
    readonly bool _upcast;

    /// <param name="upcast">Scores in single precision whatever the weights have: SD 2.1's overflow in half.</param>
    public Attention(int channels, int heads, int crossAttentionDim, bool upcast) : base(nameof(Attention))
    {
        _heads = heads;
        _upcast = upcast;
        to_q = new Linear(channels, channels, hasBias: false);
        to_k = new Linear(crossAttentionDim, channels, hasBias: false);
        to_v = new Linear(crossAttentionDim, channels, hasBias: false);
        to_out = new(new Linear(channels, channels));
        RegisterComponents();
    }

    /// <param name="x">[batch, targets, channels]</param>
    /// <param name="text">What is looked at; null for x itself.</param>
    public override Tensor forward(Tensor x, TextStates? text)
    {
        using var scope = NewDisposeScope();
        var attended = MultiHeadAttention.Attend(
            to_q.call(x), text?.Through(to_k) ?? to_k.call(x), text?.Through(to_v) ?? to_v.call(x), _heads, upcast: _upcast);
        return to_out[0].call(attended).MoveToOuterDisposeScope();
    }
}

/// <summary>Linear, GEGLU, linear at four times the width.</summary>
sealed class FeedForward : Module<Tensor, Tensor>
{
    // The reference has a dropout at index 1, without weights; it keeps the names.
    readonly ModuleList<Module<Tensor, Tensor>> net;

    public FeedForward(int channels) : base(nameof(FeedForward))
    {
        net = new(new Geglu(channels, channels * 4), Identity(), new Linear(channels * 4, channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var gated = net[0].call(x);
        return net[2].call(gated);
    }
}

/// <summary>GELU-gated linear unit (Shazeer 2020, arXiv:2002.05202).</summary>
sealed class Geglu : Module<Tensor, Tensor>
{
    readonly Linear proj;

    public Geglu(int inChannels, int outChannels) : base(nameof(Geglu))
    {
        proj = new Linear(inChannels, outChannels * 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var halves = proj.call(x).chunk(2, -1);
        return (halves[0] * functional.gelu(halves[1])).MoveToOuterDisposeScope();
    }
}
