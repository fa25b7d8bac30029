using System.Text;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

public sealed class ModelProfileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sdaspire-model-");

    public ModelProfileTests()
    {
        foreach (var file in (string[])["unet/config.json", "vae/config.json", "scheduler/scheduler_config.json"])
        {
            var copy = Path.Combine(_directory.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.TinyModel, file), copy);
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_model_without_defaults_of_its_own_gets_the_usual_ones()
    {
        var profile = ModelProfile.FromDirectory(Repository.TinyModel + "/");

        profile.Name.ShouldBe("tiny-sd15");
        profile.PixelsPerLatent.ShouldBe(8);
        (profile.DefaultWidth, profile.DefaultHeight).ShouldBe((128, 128));
        profile.DefaultSteps.ShouldBe(20);
        profile.DefaultGuidanceScale.ShouldBe(7.5);
        profile.DefaultScheduler.ShouldBe("pndm");
        profile.Examples.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("model.diffusion_model.out.2.bias", 512, "pndm")]
    [InlineData("cond_stage_model.model.ln_final.weight", 768, "ddim")]
    [InlineData("conditioner.embedders.1.model.ln_final.weight", 1024, "euler")]
    public void A_model_in_one_file_is_as_its_family_is(string tensor, int side, string scheduler)
    {
        var file = WriteCheckpoint(tensor);

        var profile = ModelProfile.Of(file);

        profile.Name.ShouldBe("portraits");
        (profile.DefaultWidth, profile.DefaultHeight, profile.PixelsPerLatent).ShouldBe((side, side, 8));
        profile.DefaultScheduler.ShouldBe(scheduler);
    }

    [Fact]
    public void A_folder_of_the_same_name_beside_the_file_describes_it()
    {
        var file = WriteCheckpoint("cond_stage_model.model.ln_final.weight");
        var beside = Directory.CreateDirectory(Path.Combine(_directory.FullName, "portraits")).FullName;
        File.WriteAllText(Path.Combine(beside, "generation_config.json"), """{"width":64,"height":96}""");
        ModelProfile.Of(file).DefaultHeight.ShouldBe(96);

        foreach (var part in (string[])["unet", "vae", "scheduler"])
            Directory.Move(Path.Combine(_directory.FullName, part), Path.Combine(beside, part));
        var profile = ModelProfile.Of(file);
        (profile.Name, profile.DefaultHeight, profile.DefaultScheduler).ShouldBe(("portraits", 96, "pndm"));
    }

    [Fact]
    public void A_file_that_is_cut_short_is_named()
    {
        var file = Path.Combine(_directory.FullName, "short.safetensors");
        File.WriteAllBytes(file, [1, 2, 3]);
        Should.Throw<InvalidModelProfileException>(() => ModelProfile.Of(file)).Message.ShouldContain(file);
    }

    private string WriteCheckpoint(string tensor)
    {
        var file = Path.Combine(_directory.FullName, "portraits.safetensors");
        var header = Encoding.UTF8.GetBytes($$$"""{"{{{tensor}}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""");
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((long)header.Length), .. header]);
        return file;
    }

    [Fact]
    public void Its_own_defaults_win()
    {
        Write("generation_config.json",
            """{"num_inference_steps":30,"guidance_scale":3.5,"width":64,"height":96,"scheduler":"EulerDiscreteScheduler","examples":["red heart","frog"]}""");

        var profile = ModelProfile.FromDirectory(_directory.FullName);

        profile.DefaultSteps.ShouldBe(30);
        profile.DefaultGuidanceScale.ShouldBe(3.5);
        (profile.DefaultWidth, profile.DefaultHeight).ShouldBe((64, 96));
        profile.DefaultScheduler.ShouldBe("euler");
        profile.Examples.ShouldBe(["red heart", "frog"]);
    }

    [Theory]
    [InlineData("Two red Apples", "")]
    [InlineData("a submarine, a red Submarine and an unicorn's horn", "submarine,unicorn,horn")]
    [InlineData("don't 'quote' it! 3 🐸🐸", "don,quote,it,3,🐸🐸")]
    public void It_says_which_words_it_was_not_taught(string prompt, string unknown)
    {
        ModelProfile.FromDirectory(_directory.FullName).UnknownWords(prompt).ShouldBeEmpty();
        Write("generation_config.json", """{"known_words":["a","an","and","two","red","apple","apples"]}""");

        string.Join(',', ModelProfile.FromDirectory(_directory.FullName).UnknownWords(prompt)).ShouldBe(unknown);
    }

    [Fact]
    public void A_scheduler_that_the_engine_lacks_is_replaced_by_DDIM()
    {
        Write("scheduler/scheduler_config.json", """{"_class_name":"EDMEulerScheduler"}""");

        ModelProfile.FromDirectory(_directory.FullName).DefaultScheduler.ShouldBe("ddim");
    }

    [Theory]
    [InlineData("unet/config.json", null)]
    [InlineData("vae/config.json", null)]
    [InlineData("scheduler/scheduler_config.json", null)]
    [InlineData("unet/config.json", "{\"sample_size\":")]
    [InlineData("unet/config.json", "{}")]
    [InlineData("unet/config.json", "[]")]
    [InlineData("vae/config.json", "{\"block_out_channels\":3}")]
    [InlineData("generation_config.json", "{\"width\":\"wide\"}")]
    [InlineData("generation_config.json", "{\"scheduler\":\"quantum\"}")]
    public void A_missing_or_broken_file_is_named_in_one_line(string file, string? content)
    {
        if (content is null)
            File.Delete(Path.Combine(_directory.FullName, file));
        else
            Write(file, content);

        var message = Should.Throw<InvalidModelProfileException>(() => ModelProfile.FromDirectory(_directory.FullName)).Message;

        message.ShouldContain(file);
        message.ShouldNotContain("\n");
    }

    private void Write(string file, string content) => File.WriteAllText(Path.Combine(_directory.FullName, file), content);
}
