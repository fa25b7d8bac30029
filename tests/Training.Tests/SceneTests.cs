using SdAspire.Training.Data;
using SdAspire.Training.Evaluation;
using SdAspire.Training.Scenes;

namespace SdAspire.Training.Tests;

/// <summary>What a caption says is what its picture shows.</summary>
public sealed class SceneTests : IDisposable
{
    static readonly SceneShares Shares = new()
    {
        Plain = 0.2, Background = 0.6, Recoloured = 0.5, Small = 0.1, Two = 0.2, Pair = 0.3,
    };

    readonly PreparedData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("red apple", "red apples")]
    [InlineData("cherry", "cherries")]
    [InlineData("monkey", "monkeys")]
    [InlineData("fox", "foxes")]
    [InlineData("mouse", "mice")]
    [InlineData("cherries", "cherries")]
    [InlineData("bus", "buses")]
    [InlineData("glass of milk", "glasses of milk")]
    [InlineData("maple leaf", "maple leaves")]
    public void Plural_is_English(string one, string many) => Wording.Plural(one).ShouldBe(many);

    [Fact]
    public void Caption_says_all_that_the_scene_has()
    {
        var (apple, owl) = (new Thing(0, "apple", Palette.Named("blue")), new Thing(1, "owl"));
        var green = Palette.Named("green");

        Wording.Plainest(new Scene(Layout.Whole, owl)).ShouldBe("owl");
        Wording.Plainest(new Scene(Layout.Small, apple, null, green)).ShouldBe("small blue apple on a green background");
        Wording.Plainest(new Scene(Layout.Whole, owl, null, Palette.Named("orange"))).ShouldBe("owl on an orange background");
        Wording.Plainest(new Scene(Layout.Two, apple)).ShouldBe("two blue apples");
        Wording.Plainest(new Scene(Layout.Pair, apple, owl, green)).ShouldBe("blue apple and owl on a green background");
        Wording.Caption(new Scene(Layout.Pair, apple, owl), ["{0}"], _ => 1).ShouldBe("a blue apple and an owl");
        Wording.Caption(new Scene(Layout.Whole, owl), ["{0}", "a 3d icon of a {0}"], _ => 1).ShouldBe("a 3d icon of an owl");
    }

    [Fact]
    public void Thing_stands_before_the_background_in_the_colour_it_is_turned_to()
    {
        var composer = new Composer(_data.Pictures);
        var (red, blue) = (new Thing(0, "disc"), new Thing(0, "disc", Palette.Named("blue")));
        var picture = composer.Paint(new Scene(Layout.Pair, red, blue, Palette.Named("green")));

        At(0, 0).ShouldBe("green");
        At(PreparedData.Size / 4, PreparedData.Size / 2).ShouldBe("red");
        At(PreparedData.Size * 3 / 4, PreparedData.Size / 2).ShouldBe("blue");

        string At(int x, int y)
        {
            var rgb = picture.Pixels.AsSpan((y * picture.Width + x) * 3, 3);
            return Palette.Nearest(rgb[0], rgb[1], rgb[2]).Name;
        }
    }

    [Fact]
    public void What_is_held_out_is_never_drawn_for_training_and_always_for_evaluation()
    {
        var sampler = _data.Sampler(Shares);
        var random = new Random(1);
        var seen = Enumerable.Range(0, 3000).Select(_ => Wording.Plainest(sampler.Draw(random))).ToHashSet();
        var heldOut = Enumerable.Range(0, 300).Select(_ => sampler.DrawHeldOut(random)).ToList();

        heldOut.ShouldAllBe(scene => scene.IsHeldOut);
        heldOut.Select(Wording.Plainest).Distinct().Count().ShouldBeGreaterThan(5);
        heldOut.Select(Wording.Plainest).ShouldAllBe(caption => !seen.Contains(caption));
        seen.ShouldContain("disc");
    }

    [Fact]
    public void Every_word_of_every_caption_is_told_to_be_known()
    {
        var sampler = _data.Sampler(Shares);
        var profile = new Generation.ModelProfile("any", 8, 16, 16, 1, 1, "ddim", []) { KnownWords = sampler.Words() };
        var random = new Random(2);

        for (var i = 0; i < 1000; i++)
        {
            var caption = sampler.Caption(sampler.Draw(random), random);
            profile.UnknownWords(caption).ShouldBeEmpty(caption);
        }
        profile.UnknownWords("a disc and a submarine").ShouldBe(["submarine"]);
    }

    [Fact]
    public void A_picture_of_the_scene_itself_is_judged_right_and_one_of_another_wrong()
    {
        var sampler = _data.Sampler(Shares);
        var composer = new Composer(_data.Pictures);
        var matcher = new SceneMatcher(composer, sampler.Things);
        var (disc, ring) = (sampler.Things[0], sampler.Things[1]);
        var scene = new Scene(Layout.Pair, disc with { Colour = Palette.Named("blue") }, ring, Palette.Named("green"));
        var right = composer.Paint(scene);
        var wrong = composer.Paint(
            new Scene(Layout.Pair, ring, disc with { Colour = Palette.Named("yellow") }, Palette.Named("pink")));

        matcher.Rank(composer.Paint(new Scene(Layout.Whole, ring)))[0].ShouldBe(ring);
        matcher.IsBackgroundRight(right, scene).ShouldBeTrue();
        matcher.AreThingsRight(right, scene).ShouldBe([true, true]);
        matcher.AreColoursRight(right, scene).ShouldBe([true]);
        matcher.IsBackgroundRight(wrong, scene).ShouldBeFalse();
        matcher.AreThingsRight(wrong, scene).ShouldBe([false, false]);
    }

    [Fact]
    public void Recipe_that_composes_nothing_has_nothing_to_hold_out() => Should.Throw<TrainingException>(
        () => _data.Sampler(Shares with { Plain = 1 }).DrawHeldOut(new Random(1))).Message.ShouldContain("held out");

    [Fact]
    public void Data_of_another_version_is_refused_in_one_line()
    {
        var index = Path.Combine(_data.Directory, PictureSet.IndexFile);
        File.WriteAllText(index, File.ReadAllText(index).Replace("\"version\": 2", "\"version\": 1"));

        Should.Throw<TrainingException>(() => PictureSet.Load(_data.Directory)).Message.ShouldContain("prepare");
    }
}
