using SdAspire.Diffusion;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;
using SdAspire.Training.Scenes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SdAspire.Training;

/// <summary>Teaches UNet and text encoder together to predict the velocity of noisy latents from their caption.</summary>
/// <remarks>v-prediction: Salimans and Ho 2022, arXiv:2202.00512, appendix D.</remarks>
public sealed class DenoiserStage : IDisposable
{
    readonly Recipe _recipe;
    readonly VaeStage _vae;
    readonly ClipTokenizer _tokenizer;
    readonly SceneSource _scenes;
    readonly NoiseSchedule _noise;
    readonly Denoiser _denoiser;
    readonly MovingAverage _average;
    readonly Tensor _plain;
    readonly Dictionary<int, int> _place;

    /// <param name="recipe">Shape and schedule.</param>
    /// <param name="vae">Trained.</param>
    /// <param name="tokenizer">Of the model.</param>
    /// <param name="scenes">What it learns.</param>
    /// <param name="start">A model's folder to take weights from; null for random ones.</param>
    public DenoiserStage(Recipe recipe, VaeStage vae, ClipTokenizer tokenizer, SceneSource scenes, string? start = null)
    {
        (_recipe, _vae, _tokenizer, _scenes) = (recipe, vae, tokenizer, scenes);
        _noise = new NoiseSchedule(recipe.Scheduler);
        ScalingFactor = Math.Round(1 / vae.Deviation(), 4);
        var things = scenes.Sampler.Things;
        _place = things.Index().ToDictionary(thing => thing.Item.Picture, thing => thing.Index);
        var plain = things.Select(thing => new Scene(Layout.Whole, thing)).Chunk(32);
        _plain = (cat([.. plain.Select(some => vae.Encode(scenes.Paint(some)))]) * ScalingFactor).DetachFromDisposeScope();
        manual_seed(recipe.Seed + 1);
        _denoiser = new Denoiser(
            new ClipTextModel(recipe.TextEncoder).WithInitialValues(), new UNet2DConditionModel(recipe.Unet).WithInitialValues());
        if (start is not null)
        {
            WeightLoader.Load(TextEncoder, Path.Combine(start, ModelWriter.TextEncoderWeights));
            WeightLoader.Load(UNet, Path.Combine(start, ModelWriter.UNetWeights));
        }
        _average = new MovingAverage(_denoiser, recipe.TrainDenoiser.EmaDecay);
    }

    /// <summary>Brings the latents to unit deviation: the autoencoder's scaling_factor.</summary>
    public double ScalingFactor { get; }

    public ClipTextModel TextEncoder => _denoiser.TextEncoder;

    public UNet2DConditionModel UNet => _denoiser.UNet;

    public TimeSpan Run(string work, CancellationToken cancellationToken)
    {
        var loop = new TrainingLoop("denoiser", work, _recipe.TrainDenoiser, _recipe.Seed + 1);
        var elapsed = loop.Run(_denoiser, _average, Loss, _ => Inspect(work), inspectEvery: 500, cancellationToken);
        _ = _average.Swap();
        _denoiser.eval();
        return elapsed;
    }

    public void Dispose()
    {
        _average.Dispose();
        _plain.Dispose();
        _denoiser.Dispose();
    }

    Tensor Loss(int part, Generator generator)
    {
        var schedule = _recipe.TrainDenoiser;
        var batch = schedule.PartSize;
        var random = SceneRandom.For(_recipe.Seed + 1, part);
        var scenes = Enumerable.Range(0, batch).Select(_ => _scenes.Sampler.Draw(random)).ToList();
        var texts = scenes.Select(scene => random.NextDouble() < schedule.EmptyCaptionShare ? "" : _scenes.Sampler.Caption(scene, random)).ToList();

        var latents = Latents(scenes, random);
        var noise = randn(latents.shape, generator: generator);
        var timesteps = (rand(batch, generator: generator).pow(1 / schedule.TimestepPower) * _recipe.Scheduler.NumTrainTimesteps)
            .to(ScalarType.Int64).clamp_max_(_recipe.Scheduler.NumTrainTimesteps - 1);
        var alphas = tensor(timesteps.data<long>().Select(t => (float)_noise.AlphasCumprod[(int)t]).ToArray()).view(batch, 1, 1, 1);
        var (signal, deviation) = (alphas.sqrt(), (1 - alphas).sqrt());

        var predicted = UNet.call(signal * latents + deviation * noise, timesteps, Encode(texts), null);
        return F.mse_loss(predicted, signal * noise - deviation * latents);
    }

    // A thing as it is, on white, is the same every time.
    Tensor Latents(IReadOnlyList<Scene> scenes, Random random)
    {
        var composed = scenes.Where(scene => !scene.IsPlain).ToList();
        using var encoded = composed.Count == 0 ? null : _vae.Encode(_scenes.Paint(composed, random)) * ScalingFactor;
        var next = 0;
        return stack([.. scenes.Select(scene => scene.IsPlain ? _plain[_place[scene.First.Picture]] : encoded![next++])]);
    }

    /// <summary>Paints scenes to check with the scheduler and guidance that the model ships with.</summary>
    string Inspect(string work)
    {
        var prompts = _scenes.ToCheck().Take(40).Select(Wording.Plainest).ToList();
        using var scheduler = Scheduler.Create(_recipe.Generation.Scheduler, _recipe.Scheduler);
        using var noise = new SeededNoise(_recipe.Seed);
        scheduler.SetTimesteps(_recipe.Generation.NumInferenceSteps);
        var guidance = _recipe.Generation.GuidanceScale;
        var text = Encode([.. prompts.Select(_ => ""), .. prompts]);
        var latents = noise.Draw([prompts.Count, _recipe.Vae.LatentChannels, _recipe.Unet.SampleSize, _recipe.Unet.SampleSize]) * scheduler.InitNoiseSigma;
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            using var scope = NewDisposeScope();
            var input = scheduler.ScaleModelInput(latents, step);
            var halves = UNet.call(cat([input, input]), tensor(new[] { (float)scheduler.Timesteps[step] }), text, null).chunk(2);
            latents = scheduler.Step(halves[0] + guidance * (halves[1] - halves[0]), step, latents).MoveToOuterDisposeScope();
        }
        SampleSheet.Write(Path.Combine(work, "denoiser.png"), _vae.Vae.Decode(latents / ScalingFactor));
        return "";
    }

    Tensor Encode(IReadOnlyList<string> texts)
    {
        var ids = texts.SelectMany(t => _tokenizer.Encode(t)).Select(id => (long)id).ToArray();
        return TextEncoder.call(tensor(ids, [texts.Count, _tokenizer.MaxLength])).LastHiddenState;
    }

    /// <summary>Both networks as one, for the optimizer.</summary>
    sealed class Denoiser : nn.Module
    {
        readonly ClipTextModel text_encoder;
        readonly UNet2DConditionModel unet;

        public Denoiser(ClipTextModel textEncoder, UNet2DConditionModel unet) : base(nameof(Denoiser))
        {
            (text_encoder, this.unet) = (textEncoder, unet);
            RegisterComponents();
        }

        public ClipTextModel TextEncoder => text_encoder;

        public UNet2DConditionModel UNet => unet;
    }
}
