using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sdaspire-generate-");

    [Fact]
    public async Task The_same_seed_is_the_same_picture_and_another_seed_another()
    {
        var first = await GenerateAsync("1.png", "--seed", "5");
        var again = await GenerateAsync("2.png", "--seed", "5");
        var other = await GenerateAsync("3.png", "--seed", "6");
        again.ShouldBe(first);
        other.ShouldNotBe(first);
        first.AsSpan(0, 8).ToArray().ShouldBe([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
    }

    [Fact]
    public async Task Words_that_the_model_does_not_see_are_named()
    {
        var prompt = string.Concat(Enumerable.Repeat("a ", 75)) + "late";
        var (code, output) = await WorkerProcess.GenerateAsync([
            "--model", Repository.TinyModel, "--prompt", prompt, "--steps", "1", "--width", "64", "--height", "64",
            "--out", Path.Combine(_folder.FullName, "long.png"),
        ]);
        code.ShouldBe(0, string.Join('\n', output));
        output.ShouldContain(line => line.StartsWith("warning: the prompt is longer", StringComparison.Ordinal) && line.EndsWith(" late"));
    }

    [Fact]
    public async Task LoRAs_change_the_picture_by_their_scale_and_add_up()
    {
        var kohya = Path.Combine(Repository.Fixtures, "lora", "tiny-sd15-kohya.safetensors");
        var peft = Path.Combine(Repository.Fixtures, "lora", "tiny-sd15-peft.safetensors");

        var without = await GenerateAsync("0.png", "--seed", "5");
        var one = await GenerateAsync("1.png", "--seed", "5", "--lora", kohya);
        var same = await GenerateAsync("2.png", "--seed", "5", "--lora", $"{kohya}:1.0");
        var none = await GenerateAsync("3.png", "--seed", "5", "--lora", $"{kohya}:0");
        var half = await GenerateAsync("4.png", "--seed", "5", "--lora", $"{kohya}:0.5");
        var both = await GenerateAsync("5.png", "--seed", "5", "--lora", kohya, "--lora", $"{peft}:0.5");

        same.ShouldBe(one);
        none.ShouldBe(without);
        new[] { without, one, half, both }.DistinctBy(Convert.ToHexString).Count().ShouldBe(4);
    }

    [Fact]
    public async Task A_picture_and_a_mask_are_painted_over_as_far_as_asked()
    {
        var image = Path.Combine(_folder.FullName, "image.png");
        await File.WriteAllBytesAsync(image, await GenerateAsync("0.png", "--seed", "5"));

        var other = await GenerateAsync("1.png", "--seed", "6");
        var over = await GenerateAsync("2.png", "--seed", "6", "--image", image, "--strength", "0.5");
        // Light is where to paint: the picture is its own mask.
        var masked = await GenerateAsync("3.png", "--seed", "6", "--image", image, "--mask", image, "--strength", "0.5");
        var skipped = await GenerateAsync("4.png", "--seed", "6", "--clip-skip", "1");

        new[] { other, over, masked, skipped }.DistinctBy(Convert.ToHexString).Count().ShouldBe(4);
    }

    [Fact]
    public async Task A_model_that_paints_into_pictures_wants_one()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(Repository.TinyModel, "inpainting");
        InpaintingModel.Make(model, weight: 0.5);
        var image = folder["image.png"];
        await File.WriteAllBytesAsync(image, await GenerateAsync("0.png", "--seed", "5"));

        var whole = await GenerateAsync("1.png", "--model", model, "--image", image, "--mask", image);
        var (code, output) = await WorkerProcess.GenerateAsync(
            ["--model", model, "--prompt", "x", "--steps", "1", "--width", "64", "--height", "64", "--out", folder["2.png"]]);

        whole.ShouldNotBe(await File.ReadAllBytesAsync(image));
        code.ShouldBe(2);
        output.ShouldHaveSingleItem().ShouldBe("the model paints into pictures: it needs an image and a mask");
    }

    [Theory]
    [InlineData("--prompt|x|--out|x.png|--lora|/no/such/lora.safetensors:0.5", "/no/such/lora.safetensors: the file is missing")]
    [InlineData("--prompt|x", "--out")]
    [InlineData("--prompt|x|--out|x.png|--steps|0", "--steps")]
    [InlineData("--prompt|x|--out|x.png|--steps|many", "--steps")]
    [InlineData("--prompt|x|--out|x.png|--width|65", "--width")]
    [InlineData("--prompt|x|--out|x.png|--guidance|7,5", "--guidance")]
    [InlineData("--prompt|x|--out|x.png|--scheduler|magic", "--scheduler")]
    [InlineData("--prompt|x|--out|x.png|--seed|-1", "--seed")]
    [InlineData("--prompt|x|--out|x.png|--image|/no/such.png", "/no/such.png: the file is missing")]
    [InlineData("--prompt|x|--out|x.png|--strength|0,5", "--strength")]
    [InlineData("--prompt|x|--out|x.png|--clip-skip|99", "clip skip 99 must be from 0 to 4")]
    [InlineData("--prompt|x|--out|x.png|--guidance-rescale|2", "guidance rescale 2 must be from 0 to 1")]
    [InlineData("--prompt| |--out|x.png", "--prompt")]
    [InlineData("--prompt|x|--out|/no/such/folder/x.png", "/no/such/folder")]
    [InlineData("--prompt|x|--out|x.png|--colour|red", "--colour")]
    [InlineData("--prompt|x|--out|x.png|--model|/no/such/model", "/no/such/model/model_index.json")]
    public async Task Refuses_bad_input_in_one_line(string arguments, string expected)
    {
        string[] model = arguments.Contains("--model", StringComparison.Ordinal) ? [] : ["--model", Repository.TinyModel];
        var (code, output) = await WorkerProcess.GenerateAsync([.. model, .. arguments.Split('|')]);
        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Fact]
    public async Task Stopped_where_it_hangs_it_says_that_there_is_no_picture()
    {
        // A file that is never read to its end, as on a network drive that went away.
        var index = Path.Combine(_folder.FullName, "model_index.json");
        await using (var mkfifo = ChildProcess.Start("mkfifo", [index]))
            (await mkfifo.WaitForExitAsync(Eventually.Generous)).ShouldBe(0);
        await using var worker = ChildProcess.Start(
            "dotnet", [typeof(WorkerOptions).Assembly.Location, "generate", "--model", _folder.FullName, "--prompt", "x", "--out", "x.png"]);
        // Opens once the other end is open.
        await using var pipe = await Task.Run(() => new FileStream(index, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            .WaitAsync(Eventually.Generous);

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(130);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<byte[]> GenerateAsync(string name, params string[] arguments)
    {
        var file = Path.Combine(_folder.FullName, name);
        string[] model = arguments.Contains("--model") ? [] : ["--model", Repository.TinyModel];
        var (code, output) = await WorkerProcess.GenerateAsync(
            [
                .. model, "--prompt", "red heart", "--scheduler", "ddim", "--steps", "3", "--width", "64", "--height", "64",
                "--out", file, .. arguments,
            ]);
        code.ShouldBe(0, string.Join('\n', output));
        // A picture to begin with leaves out the first steps.
        var steps = arguments.Contains("--strength") ? "1/1" : "3/3";
        output.ShouldContain(line => line.Contains(steps, StringComparison.Ordinal));
        return await File.ReadAllBytesAsync(file);
    }
}
