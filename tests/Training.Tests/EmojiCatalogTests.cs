using SdAspire.Training.Data;

namespace SdAspire.Training.Tests;

public sealed class EmojiCatalogTests
{
    static readonly Dictionary<int, string> Groups =
        new() { [0] = "smileys-emotion", [3] = "animals-nature", [7] = "objects", [8] = "symbols", [9] = "flags" };

    [Fact]
    public void Presentation_selector_and_case_do_not_matter() =>
        Labels([new Emoji("2764", "red heart", null, 0)], ["red-heart"], ["assets/2764-fe0f.webp"]).ShouldBe(["red heart"]);

    [Theory]
    [InlineData("1F1E9-1F1EA", "flag: Germany", 9, "flag-germany")]
    [InlineData("2795", "plus", 8, "plus")]
    [InlineData("1F4CE", "paperclip", 7, "paperclip")]
    [InlineData("1F438", "frog", 3, "another-animal")]
    public void Picture_that_may_not_be_used_is_left_out(string hexcode, string label, int group, string official) =>
        Labels([new Emoji(hexcode, label, null, group)], [official], [$"assets/{hexcode.ToLowerInvariant()}.webp"]).ShouldBeEmpty();

    [Fact]
    public void Variant_with_a_skin_tone_is_left_out() =>
        Labels([new Emoji("1F44D", "thumbs up", null, 0)], ["thumbs-up"], ["assets/1f44d-1f3fb.webp", "assets/1f44d.webp"])
            .ShouldBe(["thumbs up"]);

    [Fact]
    public void Unicode_name_counts_where_the_label_is_another() =>
        EmojiCatalog.Match(
                [new Emoji("1F917", "smiling face with open hands", null, 0)], Groups,
                new Dictionary<string, string> { ["1F917"] = "HUGGING FACE" }, new HashSet<string> { "hugging-face" }, ["assets/1f917.webp"])
            .Count.ShouldBe(1);

    [Theory]
    [InlineData("woman’s hat", "womans-hat")]
    [InlineData("Mrs. Claus", "mrs-claus")]
    [InlineData("piñata", "piata")]
    [InlineData("kiss: woman, man", "kiss-woman-man")]
    public void Label_becomes_an_icon_name(string label, string slug) => EmojiCatalog.Slug(label).ShouldBe(slug);

    [Fact]
    public void Icon_names_come_from_icons_and_aliases_alone() =>
        EmojiCatalog.IconNames("""{"prefix":"x","icons":{"frog":{"body":"<g/>"},"key":{"body":"","width":1}},"info":{"no":1},"aliases":{"toad":{"parent":"frog"}}}"""u8)
            .ShouldBe(["frog", "key", "toad"], ignoreOrder: true);

    static IEnumerable<string> Labels(Emoji[] emoji, string[] official, string[] files) =>
        EmojiCatalog.Match(emoji, Groups, new Dictionary<string, string>(), official.ToHashSet(), files).Select(one => one.Label);
}
