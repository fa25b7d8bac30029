using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.Broker;

public sealed class FetchRabbitMqTests
{
    [Fact]
    public async Task Prints_the_folder_alone_and_the_same_one_each_time()
    {
        var runs = await Task.WhenAll(Command.Run(LocalBroker.FetchScript, []), Command.Run(LocalBroker.FetchScript, []));

        foreach (var (exitCode, output, errors) in runs)
        {
            exitCode.ShouldBe(0, string.Join('\n', errors));
            File.Exists(Path.Combine(output.ShouldHaveSingleItem(), "usr/lib/rabbitmq/bin/rabbitmq-server")).ShouldBeTrue();
        }

        runs[0].Output[0].ShouldBe(runs[1].Output[0]);
    }

    [Fact]
    public async Task Without_apt_one_sentence_says_what_to_install()
    {
        Assert.SkipWhen(File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server"), "RabbitMQ is installed on this machine.");
        using var folder = new TemporaryFolder();
        foreach (var tool in new[] { "bash", "grep", "sort" })
            File.CreateSymbolicLink(folder[tool], new[] { $"/usr/bin/{tool}", $"/bin/{tool}" }.First(File.Exists));
        var environment = new Dictionary<string, string?> { ["PATH"] = folder.Path, ["XDG_CACHE_HOME"] = folder["cache"] };

        var (exitCode, output, errors) = await Command.Run(folder["bash"], [LocalBroker.FetchScript], environment);

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldHaveSingleItem().ShouldContain("ConnectionStrings__messaging");
    }
}
