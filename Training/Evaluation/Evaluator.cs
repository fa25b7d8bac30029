using System.Diagnostics;
using SdAspire.Diffusion;
using SdAspire.Diffusion.Models;
using SdAspire.Training.Scenes;
using static TorchSharp.torch;

namespace SdAspire.Training.Evaluation;

/// <summary>How an evaluation paints.</summary>
public sealed record PaintSettings(int Steps, double GuidanceScale, string Scheduler, int Width, int Height, long Seed);

/// <summary>Paints fixed lists of captions and scores the pictures.</summary>
public sealed class Evaluator(
    StableDiffusionPipeline pipeline, AutoencoderKL vae, PaintSettings settings, SceneSampler sampler, Composer composer)
{
    const int Batch = 16;
    const int HeldOutScenes = 120;
    const int HeldOutSeed = 8;
    const int DiverseCaptions = 16;
    const int SeedsOfEach = 4;

    // What people may type; nobody scores it, it is to be looked at.
    static readonly string[] FreeTexts =
    [
        "two red apples on a green background", "cat and rocket", "blue apple", "a small dog", "green car on a pink background",
        "a frog with a crown", "purple dragon", "three balloons", "pizza on black", "an astronaut riding a horse", "a house in the snow",
        "yellow submarine", "cute puppy", "happy robot", "pink elephant", "a bowl of fruit", "christmas", "sad ghost", "red and blue fish",
        "the moon and a star",
    ];

    readonly SceneMatcher _matcher = new(composer, sampler.Things);
    readonly Stopwatch _clock = new();
    int _painted;

    /// <summary>Scores, and a sheet for each list in the folder.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="directory">For the sheets.</param>
    /// <param name="report">Told how many of all pictures are painted.</param>
    /// <param name="cancellationToken">Looked at between steps.</param>
    public EvaluationReport Run(string model, string directory, Action<int, int> report, CancellationToken cancellationToken)
    {
        var random = new Random(HeldOutSeed);
        var things = sampler.Things;
        var heldOut = Enumerable.Range(0, HeldOutScenes).Select(_ => sampler.DrawHeldOut(random)).ToList();
        var diverse = Enumerable.Range(0, DiverseCaptions).Select(i => things[i * things.Count / DiverseCaptions].Name).ToList();
        var of = things.Count + heldOut.Count + FreeTexts.Length + diverse.Count * SeedsOfEach;

        var seen = Paint([.. things.Select(thing => thing.Name)], "seen.webp");
        var recombined = Paint([.. heldOut.Select(Wording.Plainest)], "recombined.webp");
        _ = Paint(FreeTexts, "free.webp");
        var seeds = Paint([.. diverse.SelectMany(caption => Enumerable.Repeat(caption, SeedsOfEach))], "seeds.webp");
        return new EvaluationReport
        {
            Model = model,
            Steps = settings.Steps,
            GuidanceScale = settings.GuidanceScale,
            Scheduler = settings.Scheduler,
            Seed = settings.Seed,
            Seen = ScoreSeen(things, seen),
            Recombined = ScoreRecombined(heldOut, recombined),
            Diversity = Math.Round(seeds.Chunk(SeedsOfEach).Average(Difference), 4),
            SecondsPerPicture = Math.Round(_clock.Elapsed.TotalSeconds / _painted, 3),
            FreeTexts = FreeTexts,
        };

        List<RgbImage> Paint(IReadOnlyList<string> captions, string sheet)
        {
            var pictures = new List<RgbImage>();
            foreach (var batch in captions.Chunk(Batch))
            {
                _clock.Start();
                pictures.AddRange(pipeline.Generate([.. batch.Select((caption, i) => Request(caption, pictures.Count + i))], null, cancellationToken));
                _clock.Stop();
                report(_painted += batch.Length, of);
            }
            LabelledSheet.Write(Path.Combine(directory, sheet), [.. pictures.Zip(captions)]);
            return pictures;
        }
    }

    TextToImageRequest Request(string caption, int n) => new()
    {
        Prompt = caption,
        Steps = settings.Steps,
        GuidanceScale = settings.GuidanceScale,
        Scheduler = settings.Scheduler,
        Width = settings.Width,
        Height = settings.Height,
        Seed = settings.Seed + n,
    };

    SeenScore ScoreSeen(IReadOnlyList<Thing> things, List<RgbImage> pictures)
    {
        var ranks = pictures.AsParallel().AsOrdered().Select(_matcher.Rank).ToList();
        var places = things.Select((thing, i) => ranks[i].Index().First(ranked => ranked.Item.Picture == thing.Picture).Index).ToList();
        return new SeenScore(
            things.Count, Share(places, place => place == 0), Share(places, place => place < 5),
            [.. things.Where((_, i) => places[i] > 0).Select(thing => $"{thing.Name}: {ranks[things.Index().First(t => t.Item == thing).Index][0].Name}")]);
    }

    RecombinedScore ScoreRecombined(List<Scene> scenes, List<RgbImage> pictures)
    {
        var judged = Judge(scenes, pictures);
        return new RecombinedScore(
            scenes.Count, Share(judged, one => one.Background), Share([.. judged.SelectMany(one => one.Things)], right => right),
            Share([.. judged.SelectMany(one => one.Colours)], right => right), Share(judged, AllRight),
            ByLayout(judged), ByLayout(Judge(scenes, Reconstruct(scenes))), [.. scenes.Select(Wording.Plainest)]);

        List<Judged> Judge(List<Scene> scenes, List<RgbImage> pictures) =>
        [
            .. scenes.Zip(pictures).AsParallel().AsOrdered().Select(one => new Judged(
                one.First, _matcher.IsBackgroundRight(one.Second, one.First),
                _matcher.AreThingsRight(one.Second, one.First), _matcher.AreColoursRight(one.Second, one.First))),
        ];

        static Dictionary<string, double> ByLayout(List<Judged> judged) => judged.GroupBy(one => one.Scene.Layout)
            .OrderBy(group => group.Key).ToDictionary(group => group.Key.ToString().ToLowerInvariant(), group => Share([.. group], AllRight));

        static bool AllRight(Judged one) => one.Background && one.Things.All(right => right) && one.Colours.All(right => right);
    }

    /// <summary>The scenes themselves, through the autoencoder and back.</summary>
    List<RgbImage> Reconstruct(List<Scene> scenes)
    {
        using var inference = no_grad();
        var source = new SceneSource(sampler, composer);
        var pictures = new List<RgbImage>();
        foreach (var batch in scenes.Chunk(Batch))
        {
            using var scope = NewDisposeScope();
            var decoded = vae.Decode(vae.Encode(source.Paint(batch)).Mean);
            pictures.AddRange((decoded / 2 + 0.5).clamp(0, 1).unbind().Select(RgbImage.FromTensor));
        }
        return pictures;
    }

    sealed record Judged(Scene Scene, bool Background, IReadOnlyList<bool> Things, IReadOnlyList<bool> Colours);

    static double Share<T>(IReadOnlyCollection<T> all, Func<T, bool> right) =>
        all.Count == 0 ? 0 : Math.Round((double)all.Count(right) / all.Count, 4);

    static double Difference(RgbImage[] pictures)
    {
        var pairs = pictures.SelectMany((one, i) => pictures[..i].Select(other => (one, other)));
        return pairs.Average(pair => Math.Sqrt(pair.one.Pixels.Zip(pair.other.Pixels).Average(p => Math.Pow((p.First - p.Second) / 255.0, 2))));
    }
}
