using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace SdAspire.Generation.Tests;

public sealed class GenerationRulesTests
{
    private static readonly string LongestPrompt = new('a', GenerationRules.MaxPromptLength);

    public static TheoryData<string, Func<GenerationTask, GenerationTask>> Bad => new()
    {
        { "prompt", t => t with { Prompt = "" } },
        { "prompt", t => t with { Prompt = " \u00a0\u3000" } },
        { "prompt", t => t with { Prompt = "\u200b \u2060" } },
        { "prompt", t => t with { Prompt = LongestPrompt + "a" } },
        { "prompt", t => t with { Prompt = "red\nheart" } },
        { "prompt", t => t with { Prompt = "red\theart" } },
        { "prompt", t => t with { Prompt = "red\0heart" } },
        { "prompt", t => t with { Prompt = "red\u007fheart" } },
        { "prompt", t => t with { Prompt = "red\u009bheart" } },
        { "negativePrompt", t => t with { NegativePrompt = "\u001b[31m" } },
        { "negativePrompt", t => t with { NegativePrompt = LongestPrompt + "a" } },
        { "client", t => t with { Client = new string('c', GenerationRules.MaxClientLength + 1) } },
        { "width", t => t with { Width = 0 } },
        { "width", t => t with { Width = -64 } },
        { "width", t => t with { Width = 63 } },
        { "height", t => t with { Height = 65 } },
        { "height", t => t with { Height = GenerationRules.MaxSide + 8 } },
        { "height", t => t with { Height = int.MaxValue } },
        { "steps", t => t with { Steps = 0 } },
        { "steps", t => t with { Steps = 151 } },
        { "count", t => t with { Count = 0 } },
        { "count", t => t with { Count = GenerationRules.MaxCount + 1 } },
        { "seed", t => t with { Seed = -1 } },
        { "seed", t => t with { Seed = Seeds.Max + 1 } },
        { "seed", t => t with { Seed = Seeds.Max, Count = 2 } },
        { "guidanceScale", t => t with { GuidanceScale = -0.1 } },
        { "guidanceScale", t => t with { GuidanceScale = 30.1 } },
        { "guidanceScale", t => t with { GuidanceScale = double.NaN } },
        { "scheduler", t => t with { Scheduler = "quantum" } },
        { "scheduler", t => t with { Scheduler = "DDIM" } },
        { "model", t => t with { Model = "../other" } },
        { "id", t => t with { Id = "../../x" } },
    };

    public static TheoryData<Func<GenerationTask, GenerationTask>> Good => new()
    {
        { t => t },
        { t => t with { Prompt = LongestPrompt } },
        { t => t with { Prompt = string.Concat(Enumerable.Repeat("🐸", GenerationRules.MaxPromptLength)) } },
        { t => t with { Prompt = "größer — 赤い心 \u200d❤" } },
        { t => t with { Steps = 1 } },
        { t => t with { Steps = 150 } },
        { t => t with { Width = 8, Height = GenerationRules.MaxSide } },
        { t => t with { Seed = 0 } },
        { t => t with { Seed = Seeds.Max } },
        { t => t with { GuidanceScale = 0 } },
        { t => t with { GuidanceScale = 30 } },
        { t => t with { Count = GenerationRules.MaxCount } },
        { t => t with { Scheduler = "EulerDiscreteScheduler" } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_out_of_bounds_is_named_by_its_field_alone(string field, Func<GenerationTask, GenerationTask> change)
    {
        var faults = GenerationRules.Check(Samples.Task(change), Samples.Model);

        faults.Keys.ShouldBe([field]);
        faults[field].ShouldHaveSingleItem().ShouldStartWith($"The field {field} ");
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void What_is_within_bounds_passes(Func<GenerationTask, GenerationTask> change) =>
        GenerationRules.Check(Samples.Task(change), Samples.Model).ShouldBeEmpty();

    [Fact]
    public void All_faults_are_named_at_once() =>
        GenerationRules.Check(Samples.Task(t => t with { Prompt = "", Steps = 0, Width = 1 }), Samples.Model).Keys
            .ShouldBe(["prompt", "steps", "width"], ignoreOrder: true);

    [Property]
    public bool A_side_passes_exactly_if_the_latents_divide_it(int pixels, PositiveInt factor)
    {
        var perLatent = 1 << (factor.Get % 4);
        var task = Samples.Task(t => t with { Width = pixels, Height = perLatent });
        var allowed = pixels >= perLatent && pixels <= GenerationRules.MaxSide && pixels % perLatent == 0;
        return GenerationRules.Check(task, Samples.Model with { PixelsPerLatent = perLatent }).ContainsKey("width") != allowed;
    }

    [Property]
    public Property A_prompt_passes_exactly_if_it_says_something_in_bounds_without_controls() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            var prompt = text ?? "";
            var allowed = prompt.EnumerateRunes().Any(rune =>
                    !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
                && !prompt.Any(char.IsControl)
                && prompt.EnumerateRunes().Count() <= GenerationRules.MaxPromptLength;
            return GenerationRules.Check(Samples.Task(t => t with { Prompt = prompt }), Samples.Model).Count == 0 == allowed;
        });

    [Property]
    public bool A_drawn_seed_always_passes(PositiveInt count)
    {
        var pictures = (count.Get % GenerationRules.MaxCount) + 1;
        return GenerationRules.Check(Samples.Task(t => t with { Count = pictures, Seed = Seeds.Draw(pictures) }), Samples.Model).Count == 0;
    }
}
