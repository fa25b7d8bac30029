using System.Diagnostics;
using SdAspire.Diffusion;
using SdAspire.Training.Scenes;

namespace SdAspire.Training.Evaluation;

/// <summary>How an evaluation paints.</summary>
public sealed record PaintSettings(int Steps, double GuidanceScale, string Scheduler, int Width, int Height, long Seed);

/// <summary>Paints fixed lists of captions and scores the pictures.</summary>
public sealed class Evaluator(StableDiffusionPipeline pipeline, PaintSettings settings, SceneSampler sampler, Composer composer)
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
        var judged = scenes.Zip(pictures).AsParallel().AsOrdered().Select(one =>
            (Scene: one.First, Background: _matcher.IsBackgroundRight(one.Second, one.First),
                Things: _matcher.AreThingsRight(one.Second, one.First), Colours: _matcher.AreColoursRight(one.Second, one.First))).ToList();
        return new RecombinedScore(
            scenes.Count, Share(judged, one => one.Background), Share([.. judged.SelectMany(one => one.Things)], right => right),
            Share([.. judged.SelectMany(one => one.Colours)], right => right), Share(judged, AllRight),
            judged.GroupBy(one => one.Scene.Layout).OrderBy(group => group.Key)
                .ToDictionary(group => group.Key.ToString().ToLowerInvariant(), group => Share([.. group], AllRight)),
            [.. scenes.Select(Wording.Plainest)]);

        static bool AllRight((Scene Scene, bool Background, IReadOnlyList<bool> Things, IReadOnlyList<bool> Colours) one) =>
            one.Background && one.Things.All(right => right) && one.Colours.All(right => right);
    }

    static double Share<T>(IReadOnlyCollection<T> all, Func<T, bool> right) =>
        all.Count == 0 ? 0 : Math.Round((double)all.Count(right) / all.Count, 4);

    static double Difference(RgbImage[] pictures)
    {
        var pairs = pictures.SelectMany((one, i) => pictures[..i].Select(other => (one, other)));
        return pairs.Average(pair => Math.Sqrt(pair.one.Pixels.Zip(pair.other.Pixels).Average(p => Math.Pow((p.First - p.Second) / 255.0, 2))));
    }
}
