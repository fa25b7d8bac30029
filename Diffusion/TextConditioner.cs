using SdAspire.Diffusion.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>
/// The prompts of a pass as the UNet wants them: [negative; positive] rows, or the positive alone where guidance is off.
/// </summary>
/// <param name="Embeddings">[rows, tokens, hidden]</param>
/// <param name="Added">What the model's family wants beside.</param>
sealed record Conditioning(Tensor Embeddings, AddedConditions? Added = null);

/// <summary>Encodes prompts: one text encoder's last state for SD, two encoders' last but one, side by side, for SDXL.</summary>
sealed class TextConditioner(
    ModelFiles model, IReadOnlyList<ClipTokenizer> tokenizers, Func<TextEncoderFiles, ClipTextModel> load, Device device) : IDisposable
{
    IReadOnlyList<ClipTextModel> _encoders = [];

    /// <summary>The encoders; those that are not there are loaded.</summary>
    public IReadOnlyList<ClipTextModel> LoadEncoders() => _encoders = _encoders is [] ? [.. model.TextEncoders.Select(load)] : _encoders;

    /// <summary>Gives their memory back; the next prompts load them again.</summary>
    public void FreeEncoders()
    {
        foreach (var encoder in _encoders)
        {
            encoder.Dispose();
        }
        _encoders = [];
    }

    /// <summary>What the encoders do not read of a request's texts, in words.</summary>
    public IEnumerable<string> Warnings(TextToImageRequest request)
    {
        (string Name, string? Text)[] texts = [("prompt", request.Prompt), ("negative prompt", request.NegativePrompt)];
        return
            from text in texts
            let cut = text.Text is null ? null : tokenizers[0].CutFrom(text.Text)
            where cut is not null
            select $"the {text.Name} is longer than the {tokenizers[0].MaxLength - 2} tokens that the model reads; it does not see: {cut}";
    }

    /// <summary>How many layers a prompt can leave out.</summary>
    public int MaximumClipSkip => model.TextEncoders.Min(encoder => encoder.Config.NumHiddenLayers) - 1;

    /// <param name="requests">The pass.</param>
    /// <param name="guided">Whether the UNet sees the negative prompts too.</param>
    /// <exception cref="ModelException">A prompt has a token that the encoder does not know.</exception>
    public Conditioning Encode(IReadOnlyList<TextToImageRequest> requests, bool guided)
    {
        using var scope = NewDisposeScope();
        var conditioning = model.IsXL ? EncodeXL(requests, guided) : new(EncodeOne(requests, guided));
        conditioning.Embeddings.MoveToOuterDisposeScope();
        conditioning.Added?.TextEmbeds?.MoveToOuterDisposeScope();
        conditioning.Added?.TimeIds?.MoveToOuterDisposeScope();
        if (model.UNet.TimeCondProjDim is not { } dimensions)
        {
            return conditioning;
        }
        var scales = tensor(requests.Select(r => (float)r.GuidanceScale).ToArray()).to(device);
        var embedded = UNet2DConditionModel.GuidanceEmbedding(guided ? cat([scales, scales]) : scales, dimensions);
        return conditioning with
        {
            Added = (conditioning.Added ?? new()) with { TimestepCond = embedded.MoveToOuterDisposeScope() },
        };
    }

    Tensor EncodeOne(IReadOnlyList<TextToImageRequest> requests, bool guided)
    {
        var skip = requests[0].ClipSkip;
        var encoded = Run(0, [.. requests.Select(r => r.Prompt)]);
        var positive = skip == 0 ? encoded.LastHiddenState : LoadEncoders()[0].FinalLayerNorm(encoded.HiddenStates[^(skip + 1)]);
        return guided ? cat([Run(0, [.. requests.Select(r => r.NegativePrompt ?? "")]).LastHiddenState, positive]) : positive;
    }

    Conditioning EncodeXL(IReadOnlyList<TextToImageRequest> requests, bool guided)
    {
        var (embeddings, pooled) = EncodeBoth(
            requests.Select(r => r.Prompt), requests.Select(r => Or(r.Prompt2, r.Prompt)), requests[0].ClipSkip);
        var timeIds = tensor(requests.SelectMany(TimeIds).ToArray(), [requests.Count, ModelFiles.TimeIds]).to(device);
        if (!guided)
        {
            return new(embeddings, new(pooled, timeIds));
        }
        var (negative, negativePooled) = EncodeBoth(
            requests.Select(r => r.NegativePrompt ?? ""), requests.Select(r => Or(r.NegativePrompt2, r.NegativePrompt ?? "")));
        if (model.ForceZerosForEmptyPrompt)
        {
            // What was not given differs from what was given empty.
            var given = tensor(requests.Select(r => r.NegativePrompt is null ? 0f : 1f).ToArray()).to(device);
            negative = negative * given.view(-1, 1, 1);
            negativePooled = negativePooled * given.view(-1, 1);
        }
        return new(cat([negative, embeddings]), new(cat([negativePooled, pooled]), cat([timeIds, timeIds])));

        static string Or(string? second, string first) => second is { Length: > 0 } ? second : first;
    }

    (Tensor Embeddings, Tensor Pooled) EncodeBoth(IEnumerable<string> first, IEnumerable<string> second, int skip = 0)
    {
        var one = Run(0, [.. first]);
        var two = Run(1, [.. second]);
        return (cat([one.HiddenStates[^(skip + 2)], two.HiddenStates[^(skip + 2)]], -1), two.TextEmbeds!);
    }

    // Original size, top left of the crop, target size: heights before widths.
    static float[] TimeIds(TextToImageRequest request)
    {
        var original = request.OriginalSize ?? new(request.Width, request.Height);
        var target = request.TargetSize ?? new(request.Width, request.Height);
        return [original.Height, original.Width, request.CropTopLeft.Y, request.CropTopLeft.X, target.Height, target.Width];
    }

    ClipTextOutput Run(int encoder, IReadOnlyList<string> texts)
    {
        var tokenizer = tokenizers[encoder];
        var files = model.TextEncoders[encoder];
        var ids = texts.SelectMany(tokenizer.Encode).Select(id => (long)id).ToArray();
        if (ids.Max() is var largest && largest >= files.Config.VocabSize)
        {
            throw new ModelException(
                $"{model.Path}: {files.Name} was given the token {largest}, and its vocab_size is {files.Config.VocabSize}");
        }
        var inputIds = tensor(ids, [texts.Count, tokenizer.MaxLength], ScalarType.Int64).to(device);
        return LoadEncoders()[encoder].call(inputIds);
    }

    public void Dispose() => FreeEncoders();
}
