using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SdAspire.Hosting.Tests;

public sealed class FailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Web")]
    [InlineData("web")]
    public void NameUsedTwiceIsRefused(string second)
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("web", "true", "/");

        Should.Throw<DistributedApplicationException>(() => builder.AddParameter(second, "value"))
            .Message.ShouldContain($"with name '{second}' because resource of type '{typeof(ExecutableResource)}' with that name already exists");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a_b")]
    [InlineData("a--b")]
    [InlineData("a-")]
    public void NameThatNothingElseCanCarryIsRefused(string name) =>
        Should.Throw<ArgumentException>(() => Applications.Create(_folder).AddExecutable(name, "true", "/"));

    [Fact]
    public async Task MissingParameterIsNamedWithItsVariable()
    {
        var builder = Applications.Create(_folder);
        builder.AddParameter("api-key", secret: true);

        var message = await builder.RunToFailureAsync();

        message.ShouldContain("'Parameters:api-key' is missing");
        message.ShouldContain("Parameters__api_key");
    }

    [Theory]
    [InlineData("--operation")]
    [InlineData("--Operation", "--step", "publish")]
    [InlineData("--operation=")]
    [InlineData("--operation", "run", "--environment")]
    public void A_switch_without_its_value_is_refused(params string[] args) =>
        Should.Throw<DistributedApplicationException>(() => DistributedApplication.CreateBuilder(args))
            .Message.ShouldMatch("^--(operation|Operation|environment) has no value: .*$");

    [Fact]
    public async Task WhatIsNoProcessIsNamedBeforeAnythingStarts()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("early", "touch", _folder.Path, "started");
        builder.AddResource(new ForeignResource("broker"));

        (await builder.RunToFailureAsync()).ShouldStartWith("Resource 'broker' (ForeignResource) is no process: run it as one, or build");
        File.Exists(_folder["started"]).ShouldBeFalse();
    }

    [Fact]
    public async Task MissingConnectionStringIsNamed()
    {
        var builder = Applications.Create(_folder);
        builder.AddConnectionString("db");

        (await builder.RunToFailureAsync()).ShouldContain("connection string 'db' is missing");
    }

    [Fact]
    public async Task PortInUseIsNamedBeforeAnythingStarts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var builder = Applications.Create(_folder);
        builder.AddExecutable("early", "touch", _folder.Path, "started");
        builder.AddExecutable("web", "sleep", "/", "1000").WithHttpEndpoint(port: port);

        (await builder.RunToFailureAsync()).ShouldStartWith(
            string.Create(CultureInfo.InvariantCulture, $"Port {port} of resource 'web' is in use"));
        File.Exists(_folder["started"]).ShouldBeFalse();
    }

    [Fact]
    public async Task ProgramThatFailsEndsTheRunWithItsLastWords()
    {
        var builder = Applications.Create(_folder);
        var steady = builder.AddProbe("steady", _folder);
        builder.AddExecutable("broker", "sh", _folder.Path, "-c", "while [ ! -f steady.env ]; do sleep 0.1; done; echo 'no room' >&2; exit 3").WaitForStart(steady);

        (await builder.RunToFailureAsync()).ShouldBe("Resource 'broker' ended with exit code 3: no room");
    }

    [Fact]
    public async Task ServerThatEndsIsAFailureHoweverItEnds()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("web", "true", "/").WithHttpEndpoint();

        (await builder.RunToFailureAsync()).ShouldBe("Resource 'web' ended with exit code 0. See what it said above.");
    }

    [Fact]
    public async Task MissingProgramAndMissingFolderAreNamed()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("tool", "no-such-program", "/");
        (await builder.RunToFailureAsync()).ShouldBe("Resource 'tool' failed to start: the program no-such-program was not found");

        builder = Applications.Create(_folder);
        builder.AddExecutable("tool", "true", _folder["missing"]);
        (await builder.RunToFailureAsync()).ShouldBe($"Resource 'tool' failed to start: there is no working directory {_folder["missing"]}");
    }

    private sealed class ForeignResource(string name) : Resource(name), IResourceWithEndpoints;
}
