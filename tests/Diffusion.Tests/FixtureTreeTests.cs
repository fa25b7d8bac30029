namespace SdAspire.Diffusion.Tests;

/// <summary>The tests find their cases by looking: what is missing in the tree would go unnoticed elsewhere.</summary>
public class FixtureTreeTests
{
    [Fact]
    public void FILES_json_lists_exactly_what_is_there()
    {
        var listed = Fixtures.Json("FILES.json").EnumerateObject().Select(file => file.Name);
        var there = Directory.EnumerateFiles(Fixtures.Root, "*.safetensors", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Fixtures.Root, path));
        there.ShouldBe(listed, ignoreOrder: true);
    }
}
