using Microsoft.Extensions.Configuration;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

public sealed class ModelCatalogTests
{
    private const string Complete = "Width=512;Height=640;Steps=25;GuidanceScale=7;Scheduler=EulerDiscreteScheduler;PixelsPerLatent=8";

    [Fact]
    public void Without_models_it_is_the_workers_on_the_queue_tasks()
    {
        var catalog = Read(("Worker:Model", Repository.TinyModel));

        catalog.Models.ShouldHaveSingleItem().ShouldBe(catalog.Default);
        (catalog.Default.Name, catalog.Default.Queue).ShouldBe(("tiny-sd15", "tasks"));
        catalog.Find(null).ShouldBe(catalog.Default);
        catalog.Find("tiny-sd15").ShouldBe(catalog.Default);
        catalog.Find("Tiny-SD15").ShouldBeNull();
    }

    [Fact]
    public void A_model_that_cannot_be_read_here_is_described_by_its_numbers()
    {
        var catalog = Read([.. Entry("large", "portraits", "/models/away", Complete)]);

        var profile = catalog.Default.Profile;
        (profile.Name, profile.DefaultWidth, profile.DefaultHeight, profile.PixelsPerLatent).ShouldBe(("large", 512, 640, 8));
        (profile.DefaultSteps, profile.DefaultGuidanceScale, profile.DefaultScheduler).ShouldBe((25, 7.0, "euler"));
        catalog.Default.Queue.ShouldBe("portraits");
    }

    [Fact]
    public void Single_numbers_win_over_what_the_model_says_and_the_name_is_the_entrys()
    {
        var catalog = Read([
            .. Entry("tiny", "tasks", Repository.TinyModel, "Steps=9"), .. Entry("large", "portraits", null, Complete),
            ("DefaultModel", "tiny")]);

        var profile = catalog.Default.Profile;
        (profile.Name, profile.DefaultSteps, profile.DefaultWidth, profile.DefaultScheduler).ShouldBe(("tiny", 9, 128, "pndm"));
        catalog.Models.Select(model => model.Name).ShouldBe(["large", "tiny"]);
        catalog.Find("large")!.Queue.ShouldBe("portraits");
    }

    public static TheoryData<string, (string, string?)[]> Faults => new()
    {
        { "Worker__Model is not set", [] },
        { "The models a and b share the queue 'tasks'", [.. Entry("a", "tasks", null, Complete), .. Entry("b", "tasks", null, Complete)] },
        { "DefaultModel is not set; it must be one of a, b", [.. Entry("a", "x", null, Complete), .. Entry("b", "y", null, Complete)] },
        { "DefaultModel is 'c', which is not served; it must be one of a", [.. Entry("a", "x", null, Complete), ("DefaultModel", "c")] },
        { "Models__a needs a Path that can be read here", [.. Entry("a", "x", null, "Width=512;Steps=20")] },
        { "/models/away", [.. Entry("a", "x", "/models/away", "Width=512")] },
        { "Models__a__Queue is not set", [.. Entry("a", null, null, Complete)] },
        { "Models__a__Queue is 'tasks.dead'", [.. Entry("a", "tasks.dead", null, Complete)] },
        { "Models__a__Queue is 'amq.tasks'", [.. Entry("a", "amq.tasks", null, Complete)] },
        { "Models__a__Queue is 'my tasks'", [.. Entry("a", "my tasks", null, Complete)] },
        { "Models__a__Queue is longer than 255 bytes", [.. Entry("a", new string('q', 256), null, Complete)] },
        { "Models__a b: a model's name", [.. Entry("a b", "x", null, Complete)] },
        { "Models:a:Width", [.. Entry("a", "x", null, Complete), ("Models:a:Width", "wide")] },
        { "Models__a: The field width must be divisible by 8", [.. Entry("a", "x", null, Complete), ("Models:a:Width", "65")] },
        { "Models__a: The field steps", [.. Entry("a", "x", null, Complete), ("Models:a:Steps", "0")] },
        { "Models__a: The field scheduler", [.. Entry("a", "x", null, Complete), ("Models:a:Scheduler", "quantum")] },
        { "Models__a: PixelsPerLatent", [.. Entry("a", "x", null, Complete), ("Models:a:PixelsPerLatent", "0")] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_is_wrong_is_said_in_one_sentence(string expected, (string, string?)[] settings)
    {
        var message = Should.Throw<InvalidModelProfileException>(() => Read(settings)).Message;

        message.ShouldContain(expected);
        message.ShouldNotContain("\n");
    }

    private static ModelCatalog Read(params (string Key, string? Value)[] settings)
    {
        // Later ones replace earlier ones.
        var values = new Dictionary<string, string?>();
        foreach (var (key, value) in settings)
            values[key] = value;
        return ModelCatalog.FromConfiguration(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }

    private static IEnumerable<(string, string?)> Entry(string name, string? queue, string? path, string numbers) =>
    [
        ($"Models:{name}:Queue", queue),
        ($"Models:{name}:Path", path),
        .. numbers.Split(';').Select(number => ($"Models:{name}:{number.Split('=')[0]}", (string?)number.Split('=')[1])),
    ];
}
