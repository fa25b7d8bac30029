namespace SdAspire.Diffusion.Tests;

public sealed class CanonicalCompositionTests
{
    // Right-hand sides as Python's unicodedata.normalize("NFC", …) gives them.
    [Theory]
    [InlineData("plain ascii", "plain ascii")]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("A\u030A\u0301", "\u01FA")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("a\u0302\u0323", "\u1EAD")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u304B\u3099", "\u304C")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("a\u0321\u0301", "\u00E1\u0321")]
    public void Text_becomes_form_C(string text, string composed) => CanonicalComposition.Compose(text).ShouldBe(composed);
}
