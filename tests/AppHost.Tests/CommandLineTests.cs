using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests;

/// <summary>What is wrong is told in one line, with an exit code, before anything starts.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "AppHost.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'--bogus' is not an option", "--bogus")]
    [InlineData("'red' is not an option", "red", "heart")]
    [InlineData("--prompt takes an --out FILE.", "--prompt", "red heart")]
    [InlineData("--prompt is empty.", "--prompt", " ", "--out", "x.png")]
    [InlineData("--out takes a --prompt.", "--out", "x.png")]
    [InlineData("--count takes a --prompt.", "--count", "2")]
    [InlineData("--out / is a directory, not a file.", "--prompt", "red heart", "--out", "/")]
    [InlineData("--port 70000 is not a whole number from 0 to 65535.", "--port", "70000")]
    [InlineData("--count 0 is not a whole number", "--prompt", "red heart", "--out", "x.png", "--count", "0")]
    [InlineData("--seed none is not a whole number", "--prompt", "red heart", "--out", "x.png", "--seed", "none")]
    [InlineData("There is no model directory /does/not/exist", "--model", "/does/not/exist")]
    public async Task WrongCommandLineIsExitCode2(string expected, params string[] arguments)
    {
        string[] model = arguments.Contains("--model") ? [] : ["--model", Repository.TinyModel];

        var (exitCode, output, error) = await RunAsync([.. arguments, .. model, "--data", _folder["data"]]);

        error.ShouldStartWith(expected);
        output.ShouldBeEmpty();
        exitCode.ShouldBe(2);
        Directory.Exists(_folder["data"]).ShouldBeFalse();
    }

    [Fact]
    public async Task ModelThatIsNotWholeIsExitCode2AndNamesTheFile()
    {
        Copy(Repository.TinyModel, _folder["model"]);
        var weights = Directory.EnumerateFiles(_folder["model/unet"], "*.safetensors").First();
        using (var file = File.OpenWrite(weights)) file.SetLength(file.Length / 2);

        var (exitCode, output, error) = await RunAsync("--model", _folder["model"], "--data", _folder["data"], "--port", "0");

        error.ShouldContain(weights);
        output.ShouldBeEmpty();
        exitCode.ShouldBe(2);
        Directory.Exists(_folder["data"]).ShouldBeFalse();
    }

    [Fact]
    public async Task DataFolderInUseIsExitCode1()
    {
        Directory.CreateDirectory(_folder["data"]);
        using var other = new FileStream(_folder["data/lock"], FileMode.Create, FileAccess.Write, FileShare.None);

        var (exitCode, output, error) = await RunAsync("--model", Repository.TinyModel, "--data", _folder["data"], "--port", "0");

        error.ShouldStartWith($"The data folder {_folder["data"]} is in use by another run");
        output.ShouldBeEmpty();
        exitCode.ShouldBe(1);
    }

    [Fact]
    public async Task PortInUseIsExitCode1()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output, error) = await RunAsync("--model", Repository.TinyModel, "--data", _folder["data"], "--port", port);

        error.ShouldStartWith($"Port {port} of resource 'webui' is in use");
        output.ShouldBeEmpty();
        exitCode.ShouldBe(1);
    }

    [Theory]
    [InlineData("Local:Services", "container", "Local:Services is 'container', which takes the Aspire packages")]
    [InlineData("Local:Services", "docker", "Local:Services is 'docker': it must be 'process' or 'container'.")]
    [InlineData("operation", "nonsense", "Invalid operation specified. Valid operations are 'publish' or 'run'.")]
    [InlineData("Scaler:maxReplicaCount", "0", "The queue job 'worker' cannot be: maxReplicaCount is 0")]
    [InlineData("Scaler:maxReplicaCount", "many", "The section Scaler of the configuration is not understood")]
    [InlineData("Scaler:scalingStrategy:strategy", "fast", "Scaler:ScalingStrategy:Strategy is 'fast': it must be default, custom")]
    [InlineData("Gpu:Mode", "half", "Gpu:Mode is 'half': it must be none, exclusive or shared.")]
    [InlineData("ConnectionStrings:messaging", "nonsense", "ConnectionStrings__messaging must be an AMQP URI.")]
    [InlineData("ConnectionStrings:storage", "nonsense", "ConnectionStrings__storage must be Endpoint=http://HOST:PORT")]
    public async Task ConfigurationThatCannotBeIsExitCode1(string key, string value, string expected)
    {
        var (exitCode, output, error) = await RunAsync(
            "--model", Repository.TinyModel, "--data", _folder["data"], "--port", "0", $"--{key}", value);

        error.ShouldStartWith(expected);
        output.ShouldBeEmpty();
        exitCode.ShouldBe(1);
        Directory.Exists(_folder["data"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 8L << 30, 0, 0, 1, 1)]
    [InlineData(2, 8L << 30, 22L << 20, 0, 1, 2)]
    [InlineData(16, 64L << 30, 22L << 20, 0, 8, 2)]
    [InlineData(16, 16L << 30, 2L << 30, 0, 2, 8)]
    [InlineData(16, 1L << 30, 2L << 30, 0, 1, 16)]
    [InlineData(16, 64L << 30, 2L << 30, 2, 2, 8)]
    [InlineData(2, 16L << 30, 2L << 30, 8, 8, 1)]
    public void WorkersFitIntoTheMachine(int cores, long memory, long weights, int gpus, int replicas, int threads) =>
        WorkerCapacity.Of(cores, memory, weights, gpus).ShouldBe(new WorkerCapacity(replicas, threads));

    [Theory]
    [InlineData("/a/heart.png", 0, 1, "/a/heart.png")]
    [InlineData("/a/heart.png", 2, 3, "/a/heart-2.png")]
    [InlineData("/a.b/heart", 0, 2, "/a.b/heart-0")]
    public void SeveralPicturesAreNumbered(string file, int n, int count, string expected) =>
        PromptCommand.FileName(file, n, count).ShouldBe(expected);

    private static async Task<(int ExitCode, IReadOnlyList<string> Output, string Error)> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await Command.Run("dotnet", [Program, .. arguments]);
        return (exitCode, output, errors.ShouldHaveSingleItem());
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
