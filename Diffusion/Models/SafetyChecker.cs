using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SdAspire.Diffusion.Models;

/// <summary>
/// Stable Diffusion's safety checker: CLIP's picture of what was painted (Radford et al. 2021, arXiv:2103.00020) against its
/// pictures of concepts that are not wanted, each with the cosine from which it counts. Member names are those of the weights.
/// </summary>
public sealed class SafetyChecker : Module<Tensor, IReadOnlyList<bool>>
{
    // Where a concept is near that asks for special care, the others count sooner.
    const double SpecialCare = 0.01;

    readonly ClipVisionModel vision_model;
    readonly Linear visual_projection;
    readonly Parameter concept_embeds, concept_embeds_weights, special_care_embeds, special_care_embeds_weights;

    /// <param name="config">Its shape.</param>
    /// <param name="concepts">How many it knows, as its weights say.</param>
    /// <param name="specialConcepts">How many ask for special care.</param>
    public SafetyChecker(SafetyCheckerConfig config, long concepts = 17, long specialConcepts = 3) : base(nameof(SafetyChecker))
    {
        Config = config;
        vision_model = new ClipVisionModel(config.VisionConfig);
        visual_projection = new Linear(config.VisionConfig.HiddenSize, config.ProjectionDim, hasBias: false);
        concept_embeds = new Parameter(ones(concepts, config.ProjectionDim));
        concept_embeds_weights = new Parameter(ones(concepts));
        special_care_embeds = new Parameter(ones(specialConcepts, config.ProjectionDim));
        special_care_embeds_weights = new Parameter(ones(specialConcepts));
        RegisterComponents();
    }

    public SafetyCheckerConfig Config { get; }

    /// <param name="images">[batch, 3, height, width] in [0, 1].</param>
    /// <returns>For each picture whether it shows what is not wanted.</returns>
    public override IReadOnlyList<bool> forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var embedded = Embed(images);
        var special = Scores(embedded, special_care_embeds, special_care_embeds_weights);
        var care = (special.round(3) > 0).any(1, keepdim: true).to(ScalarType.Float32) * SpecialCare;
        var concepts = Scores(embedded, concept_embeds, concept_embeds_weights) + care;
        return [.. (concepts.round(3) > 0).any(1).cpu().data<bool>()];

        static Tensor Scores(Tensor embedded, Tensor concepts, Tensor thresholds) =>
            functional.normalize(embedded).matmul(functional.normalize(concepts).t()) - thresholds;
    }

    /// <returns>[batch, projection_dim]</returns>
    internal Tensor Embed(Tensor images)
    {
        using var scope = NewDisposeScope();
        return visual_projection.call(vision_model.call(Prepare(images, Config.VisionConfig.ImageSize))).MoveToOuterDisposeScope();
    }

    // As CLIP's image processor: the shorter side to the size, the middle of it, normalised.
    static Tensor Prepare(Tensor images, int side)
    {
        var (height, width) = (images.shape[2], images.shape[3]);
        var scale = (double)side / Math.Min(height, width);
        long[] size = [Math.Max(side, (long)(height * scale)), Math.Max(side, (long)(width * scale))];
        var small = functional.interpolate(images, size, mode: InterpolationMode.Bicubic, align_corners: false, antialias: true).clamp(0, 1);
        var (top, left) = ((size[0] - side) / 2, (size[1] - side) / 2);
        var middle = small.narrow(2, top, side).narrow(3, left, side);
        var mean = tensor(new[] { 0.48145466f, 0.4578275f, 0.40821073f }, [1, 3, 1, 1]).to(images.device);
        var deviation = tensor(new[] { 0.26862954f, 0.26130258f, 0.27577711f }, [1, 3, 1, 1]).to(images.device);
        return (middle - mean) / deviation;
    }
}

static class SafetyCheckerConfigExtensions
{
    extension(SafetyCheckerConfig config)
    {
        /// <exception cref="ModelException">A key has a value that this engine has no code for.</exception>
        public void Verify(string path)
        {
            var vision = config.VisionConfig;
            vision.Tower.Verify(path);
            ConfigFile.RequireSizes(path, "projection_dim", config.ProjectionDim);
            ConfigFile.RequireSizes(path, "image_size", vision.ImageSize);
            ConfigFile.Require(vision.PatchSize > 0 && vision.PatchSize <= vision.ImageSize, path, "patch_size", vision.PatchSize);
        }
    }
}

/// <summary>The picture tower of CLIP, as transformers wraps it.</summary>
sealed class ClipVisionModel : Module<Tensor, Tensor>
{
    readonly ClipVisionTransformer vision_model;

    public ClipVisionModel(ClipVisionConfig config) : base(nameof(ClipVisionModel))
    {
        vision_model = new ClipVisionTransformer(config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => vision_model.call(pixels);
}

/// <summary>A transformer over patches; what it makes of the class token stands for the picture.</summary>
sealed class ClipVisionTransformer : Module<Tensor, Tensor>
{
    readonly ClipVisionEmbeddings embeddings;
    // The weights have it so.
    readonly LayerNorm pre_layrnorm;
    readonly ClipEncoder encoder;
    readonly LayerNorm post_layernorm;

    public ClipVisionTransformer(ClipVisionConfig config) : base(nameof(ClipVisionTransformer))
    {
        embeddings = new ClipVisionEmbeddings(config);
        pre_layrnorm = LayerNorm(config.HiddenSize, config.LayerNormEps);
        encoder = new ClipEncoder(config.Tower, causal: false);
        post_layernorm = LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    /// <returns>[batch, hidden]</returns>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var states = encoder.call(pre_layrnorm.call(embeddings.call(pixels)));
        return post_layernorm.call(states[^1].select(1, 0)).MoveToOuterDisposeScope();
    }
}

sealed class ClipVisionEmbeddings : Module<Tensor, Tensor>
{
    readonly Parameter class_embedding;
    readonly Convolution2D patch_embedding;
    readonly Embedding position_embedding;

    public ClipVisionEmbeddings(ClipVisionConfig config) : base(nameof(ClipVisionEmbeddings))
    {
        var patches = config.ImageSize / config.PatchSize;
        class_embedding = new Parameter(zeros(config.HiddenSize));
        patch_embedding = new Convolution2D(3, config.HiddenSize, config.PatchSize, stride: config.PatchSize, bias: false);
        position_embedding = new Embedding(patches * patches + 1, config.HiddenSize);
        RegisterComponents();
    }

    /// <param name="pixels">[batch, 3, image_size, image_size]</param>
    /// <returns>[batch, 1 + patches, hidden]: the class token, then the patches row by row.</returns>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var patches = patch_embedding.call(pixels).flatten(2).transpose(1, 2);
        var token = class_embedding.expand(pixels.shape[0], 1, -1);
        return (cat([token, patches], 1) + position_embedding.weight).MoveToOuterDisposeScope();
    }
}
