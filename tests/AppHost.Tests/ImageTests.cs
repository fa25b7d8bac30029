using System.Runtime.InteropServices;
using System.Text.Json;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests;

/// <summary>What goes into the images, as the build says it: no image is built.</summary>
public sealed class ImageTests : IDisposable
{
    private const string Model = "/models/fluent-small-64";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_workers_image_has_what_the_engine_loads_and_the_whole_model()
    {
        var image = await Image("Worker");

        image.Files.Where(IsNative).Order(StringComparer.Ordinal).ShouldBe(
        [
            "libLibTorchSharp.so", "libSkiaSharp.so", "libc10.so", "libgomp-98b21ff3.so.1", "libtorch.so", "libtorch_cpu.so",
        ]);
        image.Files.ShouldContain("Worker.dll");
        var model = Path.Combine(Repository.Root, "models", "fluent-small-64");
        string[] needed = [.. Parts(model, "*.json"), .. Parts(model, "*.txt"), .. Parts(model, "*.safetensors")];
        needed.Length.ShouldBeGreaterThan(10);
        needed.ShouldBeSubsetOf(image.Model);
        image.Environment["Worker__Model"].ShouldBe(Model);
    }

    [Fact]
    public async Task WebUis_image_has_the_models_description_and_no_weights()
    {
        var image = await Image("WebUi");

        image.Files.ShouldContain("WebUi.dll");
        image.Files.ShouldNotContain(file => IsNative(file));
        image.Model.ShouldContain("unet/config.json");
        image.Model.ShouldContain("generation_config.json");
        image.Model.ShouldAllBe(file => file.EndsWith(".json") || file == "NOTICE.md");
        image.Environment["Worker__Model"].ShouldBe(Model);
        image.Environment["ASPNETCORE_HTTP_PORTS"].ShouldBe("8080");
    }

    [Fact]
    public async Task ObjectStores_image_listens_where_MinIO_does_and_has_no_model()
    {
        var image = await Image("ObjectStore");

        image.Model.ShouldBeEmpty();
        image.Environment["ASPNETCORE_URLS"].ShouldBe("http://*:9000");
        image.Environment["ObjectStore__DataPath"].ShouldBe("/data");
    }

    [Theory]
    [InlineData("Worker", "cpu", "worker", "0.1.0", false)]
    [InlineData("Worker", "cuda", "worker", "0.1.0-cuda", true)]
    [InlineData("WebUi", "cuda", "webui", "0.1.0", false)]
    public async Task An_images_name_follows_from_its_project_and_runtime(
        string project, string runtime, string repository, string tag, bool driver)
    {
        var json = await Build(
            project, $"-p:TorchRuntime={runtime}", "-p:Version=0.1.0",
            "-getProperty:ContainerRepository,ContainerImageTag,ContainerUser", "-getItem:ContainerEnvironmentVariable");

        var properties = json.GetProperty("Properties");
        properties.GetProperty("ContainerRepository").GetString().ShouldBe(repository);
        properties.GetProperty("ContainerImageTag").GetString().ShouldBe(tag);
        properties.GetProperty("ContainerUser").GetString().ShouldBe("1654");
        Environment(json).ContainsKey("NVIDIA_DRIVER_CAPABILITIES").ShouldBe(driver);
    }

    [Fact]
    public async Task A_library_without_its_symbols_still_loads()
    {
        var library = _folder["libc10.so"];
        var built = Path.Combine(Path.GetDirectoryName(Repository.Program("Worker"))!, "runtimes/linux-x64/native/libc10.so");
        File.Copy(built, library);
        var project = _folder["strip.proj"];
        await File.WriteAllTextAsync(project, $"""
            <Project>
              <Import Project="{Repository.Root}/build/StripSymbols.targets" />
              <Target Name="Strip"><StripSymbols Files="{library};{project}" /></Target>
            </Project>
            """, TestContext.Current.CancellationToken);
        var text = await File.ReadAllTextAsync(project, TestContext.Current.CancellationToken);

        var (exitCode, output, _) = await Command.Run("dotnet", ["msbuild", project, "-t:Strip", "-nologo", "-nodeReuse:false"]);

        exitCode.ShouldBe(0, string.Join('\n', output));
        new FileInfo(library).Length.ShouldBeLessThan(new FileInfo(built).Length * 9 / 10);
        var handle = NativeLibrary.Load(library);
        NativeLibrary.GetExport(handle, "_ZN3c1010TensorImpl10FreeMemoryEv").ShouldNotBe(0);
        NativeLibrary.Free(handle);
        (await File.ReadAllTextAsync(project, TestContext.Current.CancellationToken)).ShouldBe(text);
    }

    [Theory]
    [InlineData("'--gpu' is not an option: --help lists them.", "--gpu")]
    [InlineData("--tag takes a value.", "--tag")]
    [InlineData("'a b' cannot be an image's tag.", "--tag", "a b")]
    [InlineData("'https://ghcr.io/me' is not REGISTRY or REGISTRY/PREFIX.", "https://ghcr.io/me")]
    [InlineData("'Me' cannot be part of an image's name.", "ghcr.io/Me")]
    [InlineData("there is no model in diffusers layout in 'docs'.", "--model", "docs")]
    public async Task Wrong_input_of_the_script_is_one_line_and_exit_code_2(string message, params string[] arguments)
    {
        var (exitCode, output, errors) = await Command.Run(Path.Combine(Repository.Root, "build", "images"), arguments);

        exitCode.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.ShouldHaveSingleItem().ShouldBe($"images: {message}");
    }

    private sealed record Contents(
        IReadOnlyList<string> Files, IReadOnlyList<string> Model, IReadOnlyDictionary<string, string> Environment);

    // As `dotnet publish` resolves it, with outputs of its own and without what would have to be compiled or compressed for it.
    private async Task<Contents> Image(string project)
    {
        var json = await Build(
            project, "-restore", "-t:ComputeResolvedFilesToPublishList", "-t:CollectImageModel",
            $"-p:ArtifactsPath={_folder.Path}",
            "-p:_IsPublishing=true", "-p:PublishReadyToRun=false", "-p:StaticWebAssetsEnabled=false", "-p:TorchRuntime=cpu",
            "-getItem:ResolvedFileToPublish,ImageModelFile,ContainerEnvironmentVariable");
        var items = json.GetProperty("Items");
        return new(
            [.. items.GetProperty("ResolvedFileToPublish").EnumerateArray().Select(file =>
                file.GetProperty("RelativePath").GetString()!)],
            [.. items.GetProperty("ImageModelFile").EnumerateArray().Select(file =>
                file.GetProperty("RecursiveDir").GetString() + Path.GetFileName(file.GetProperty("Identity").GetString()))],
            Environment(json));
    }

    private static async Task<JsonElement> Build(string project, params string[] arguments)
    {
        var (exitCode, output, errors) = await Command.Run(
            "dotnet", ["msbuild", Path.Combine(Repository.Root, project), "-nologo", "-nodeReuse:false", .. arguments]);
        exitCode.ShouldBe(0, string.Join('\n', output.Concat(errors)));
        return JsonDocument.Parse(string.Join('\n', output)).RootElement;
    }

    private static Dictionary<string, string> Environment(JsonElement json) =>
        json.GetProperty("Items").GetProperty("ContainerEnvironmentVariable").EnumerateArray().ToDictionary(
            variable => variable.GetProperty("Identity").GetString()!, variable => variable.GetProperty("Value").GetString()!);

    private static IEnumerable<string> Parts(string model, string pattern) =>
        Directory.EnumerateFiles(model, pattern, SearchOption.AllDirectories).Select(file => Path.GetRelativePath(model, file));

    private static bool IsNative(string file) => file.Contains(".so", StringComparison.Ordinal);
}
