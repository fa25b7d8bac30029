using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>What the text encoder gives for token ids [batch, tokens].</summary>
/// <param name="LastHiddenState">[batch, tokens, hidden], after the final layer norm.</param>
/// <param name="PoolerOutput">[batch, hidden]: the final state at the end-of-text token.</param>
/// <param name="HiddenStates">Embeddings, then each layer's output before the final norm: layers + 1 of [batch, tokens, hidden].</param>
/// <param name="TextEmbeds">[batch, projection_dim]: the pooled state, projected; null for an encoder without projection.</param>
public sealed record ClipTextOutput(
    Tensor LastHiddenState, Tensor PoolerOutput, IReadOnlyList<Tensor> HiddenStates, Tensor? TextEmbeds = null);

static class ClipTextConfigExtensions
{
    extension(ClipTextConfig config)
    {
        /// <exception cref="ModelException">A key has a value that this engine has no code for.</exception>
        public void Verify(string path)
        {
            ConfigFile.Require(config.HiddenAct is "quick_gelu" or "gelu", path, "hidden_act", config.HiddenAct);
            ConfigFile.Require(config.LayerNormEps is >= 0 and <= 1, path, "layer_norm_eps", config.LayerNormEps);
            ConfigFile.RequireSizes(path, "vocab_size", config.VocabSize);
            ConfigFile.RequireSizes(path, "hidden_size", config.HiddenSize);
            ConfigFile.RequireSizes(path, "intermediate_size", config.IntermediateSize);
            ConfigFile.RequireLayers(path, "num_hidden_layers", config.NumHiddenLayers);
            ConfigFile.RequireSizes(path, "max_position_embeddings", config.MaxPositionEmbeddings);
            ConfigFile.RequireSizes(path, "projection_dim", config.ProjectionDim);
            ConfigFile.Require(config.NumAttentionHeads > 0 && config.HiddenSize % config.NumAttentionHeads == 0,
                path, "num_attention_heads", config.NumAttentionHeads);
        }
    }
}

/// <summary>The text tower of CLIP (Radford et al. 2021, arXiv:2103.00020): a causal transformer over BPE tokens.</summary>
public sealed class ClipTextModel : Module<Tensor, ClipTextOutput>
{
    readonly ClipTextTransformer text_model;
    readonly Linear? text_projection;

    public ClipTextModel(ClipTextConfig config) : base(nameof(ClipTextModel))
    {
        Config = config;
        text_model = new ClipTextTransformer(config);
        text_projection = config.HasProjection ? new Linear(config.HiddenSize, config.ProjectionDim, hasBias: false) : null;
        RegisterComponents();
    }

    public ClipTextConfig Config { get; }

    /// <param name="inputIds">Token ids, int64 [batch, tokens], tokens ≤ max_position_embeddings.</param>
    public override ClipTextOutput forward(Tensor inputIds)
    {
        var output = text_model.call(inputIds);
        return text_projection is null ? output : output with { TextEmbeds = text_projection.call(output.PoolerOutput) };
    }

    /// <summary>The final layer norm on any hidden state: what Stable Diffusion 1.x uses when layers are skipped.</summary>
    public Tensor FinalLayerNorm(Tensor hiddenState) => text_model.final_layer_norm.call(hiddenState);
}

sealed class ClipTextTransformer : Module<Tensor, ClipTextOutput>
{
    // Early exports of CLIP carry this wrong end-of-text id; transformers then pools at the largest id.
    const int LegacyEosTokenId = 2;

    readonly ClipTextEmbeddings embeddings;
    readonly ClipEncoder encoder;
    internal readonly LayerNorm final_layer_norm;
    readonly int _eosTokenId;

    public ClipTextTransformer(ClipTextConfig config) : base(nameof(ClipTextTransformer))
    {
        _eosTokenId = config.EosTokenId;
        embeddings = new ClipTextEmbeddings(config);
        encoder = new ClipEncoder(config);
        final_layer_norm = LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    public override ClipTextOutput forward(Tensor inputIds)
    {
        var states = encoder.call(embeddings.call(inputIds));
        var last = final_layer_norm.call(states[^1]);
        using var end = _eosTokenId == LegacyEosTokenId ? inputIds.argmax(-1) : inputIds.eq(_eosTokenId).to(ScalarType.Int32).argmax(-1);
        using var rows = arange(inputIds.shape[0], ScalarType.Int64, inputIds.device);
        var pooled = last.index(TensorIndex.Tensor(rows), TensorIndex.Tensor(end));
        return new ClipTextOutput(last, pooled, states);
    }
}

sealed class ClipTextEmbeddings : Module<Tensor, Tensor>
{
    readonly Embedding token_embedding;
    readonly Embedding position_embedding;

    public ClipTextEmbeddings(ClipTextConfig config) : base(nameof(ClipTextEmbeddings))
    {
        token_embedding = new Embedding(config.VocabSize, config.HiddenSize);
        position_embedding = new Embedding(config.MaxPositionEmbeddings, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor inputIds)
    {
        using var positions = arange(inputIds.shape[1], ScalarType.Int64, inputIds.device);
        using var tokens = token_embedding.call(inputIds);
        using var places = position_embedding.call(positions);
        return tokens + places;
    }
}

sealed class ClipEncoder : Module<Tensor, IReadOnlyList<Tensor>>
{
    readonly ModuleList<ClipEncoderLayer> layers;

    public ClipEncoder(ClipTextConfig config, bool causal = true) : base(nameof(ClipEncoder))
    {
        layers = new([.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new ClipEncoderLayer(config, causal))]);
        RegisterComponents();
    }

    public override IReadOnlyList<Tensor> forward(Tensor embeddings)
    {
        var states = new List<Tensor> { embeddings };
        foreach (var layer in layers)
        {
            states.Add(layer.call(states[^1]));
        }
        return states;
    }
}

sealed class ClipEncoderLayer : Module<Tensor, Tensor>
{
    readonly ClipAttention self_attn;
    readonly LayerNorm layer_norm1;
    readonly ClipMlp mlp;
    readonly LayerNorm layer_norm2;

    public ClipEncoderLayer(ClipTextConfig config, bool causal) : base(nameof(ClipEncoderLayer))
    {
        self_attn = new ClipAttention(config, causal);
        layer_norm1 = LayerNorm(config.HiddenSize, config.LayerNormEps);
        mlp = new ClipMlp(config);
        layer_norm2 = LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x + self_attn.call(layer_norm1.call(x));
        return (h + mlp.call(layer_norm2.call(h))).MoveToOuterDisposeScope();
    }
}

sealed class ClipAttention : Module<Tensor, Tensor>
{
    readonly Linear k_proj, v_proj, q_proj, out_proj;
    readonly int _heads;
    readonly bool _causal;

    public ClipAttention(ClipTextConfig config, bool causal) : base(nameof(ClipAttention))
    {
        _causal = causal;
        _heads = config.NumAttentionHeads;
        k_proj = new Linear(config.HiddenSize, config.HiddenSize);
        v_proj = new Linear(config.HiddenSize, config.HiddenSize);
        q_proj = new Linear(config.HiddenSize, config.HiddenSize);
        out_proj = new Linear(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var attended = MultiHeadAttention.Attend(q_proj.call(x), k_proj.call(x), v_proj.call(x), _heads, causal: _causal);
        return out_proj.call(attended).MoveToOuterDisposeScope();
    }
}

sealed class ClipMlp : Module<Tensor, Tensor>
{
    readonly Linear fc1, fc2;
    readonly Func<Tensor, Tensor> _activation;

    public ClipMlp(ClipTextConfig config) : base(nameof(ClipMlp))
    {
        _activation = config.HiddenAct switch
        {
            "quick_gelu" => x => x * sigmoid(1.702 * x),
            "gelu" => x => functional.gelu(x),
            _ => throw new NotSupportedException(config.HiddenAct),
        };
        fc1 = new Linear(config.HiddenSize, config.IntermediateSize);
        fc2 = new Linear(config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.call(_activation(fc1.call(x))).MoveToOuterDisposeScope();
    }
}
