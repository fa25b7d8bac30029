using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>A model that is not whole is refused before anything is painted, by an error that names the file.</summary>
public sealed class ModelDirectoryTests : IDisposable
{
    readonly string _model = Directory.CreateTempSubdirectory("sdaspire-model-").FullName;

    public ModelDirectoryTests()
    {
        var source = Fixtures.At("models", "tiny-sd15");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = At(Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    string At(string file) => Path.Combine(_model, file);

    public void Dispose() => Directory.Delete(_model, recursive: true);

    [Fact]
    public void A_whole_model_passes() => ModelFiles.Verify(_model);

    [Theory]
    [InlineData("model_index.json")]
    [InlineData("unet/config.json")]
    [InlineData("unet/diffusion_pytorch_model.safetensors")]
    [InlineData("vae/config.json")]
    [InlineData("vae/diffusion_pytorch_model.safetensors")]
    [InlineData("text_encoder/config.json")]
    [InlineData("text_encoder/model.safetensors")]
    [InlineData("scheduler/scheduler_config.json")]
    [InlineData("tokenizer/vocab.json")]
    [InlineData("tokenizer/merges.txt")]
    public void A_missing_file_is_named(string file)
    {
        File.Delete(At(file));
        ShouldBeRefused(file);
    }

    [Theory]
    [InlineData("unet/diffusion_pytorch_model.safetensors", 1)]
    [InlineData("vae/diffusion_pytorch_model.safetensors", 1000)]
    [InlineData("text_encoder/model.safetensors", 283_208)]
    [InlineData("unet/config.json", 40)]
    public void A_truncated_file_is_named(string file, int bytesLost)
    {
        using (var stream = File.OpenWrite(At(file)))
        {
            stream.SetLength(stream.Length - bytesLost);
        }
        ShouldBeRefused(file);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        // A folder in the file's place: the modes of a file bind no root.
        File.Delete(At("unet/config.json"));
        Directory.CreateDirectory(At("unet/config.json"));
        ShouldBeRefused("unet/config.json");
    }

    [Fact]
    public void A_directory_that_is_none_is_named() =>
        Should.Throw<ModelException>(() => ModelFiles.Verify(At("nowhere"))).Message.ShouldContain(At("nowhere"));

    [Theory]
    [InlineData("model_index.json", "_class_name", "\"FluxPipeline\"")]
    [InlineData("unet/config.json", "addition_embed_type", "\"text_time\"")]
    [InlineData("model_index.json", "vae", "[\"diffusers\", \"AsymmetricAutoencoderKL\"]")]
    [InlineData("model_index.json", "text_encoder", "[\"transformers\", \"T5EncoderModel\"]")]
    [InlineData("unet/config.json", "mid_block_type", "\"UNetMidBlock2DSimpleCrossAttn\"")]
    [InlineData("unet/config.json", "class_embed_type", "\"timestep\"")]
    [InlineData("unet/config.json", "resnet_time_scale_shift", "\"scale_shift\"")]
    [InlineData("unet/config.json", "conv_in_kernel", "5")]
    [InlineData("unet/config.json", "dual_cross_attention", "true")]
    [InlineData("unet/config.json", "a_key_of_tomorrow", "\"on\"")]
    [InlineData("vae/config.json", "_class_name", "\"VQModel\"")]
    [InlineData("vae/config.json", "shift_factor", "0.5")]
    [InlineData("vae/config.json", "act_fn", "\"mish\"")]
    public void An_unsupported_value_is_named(string file, string key, string value)
    {
        var config = JsonNode.Parse(File.ReadAllText(At(file)))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(At(file), config.ToJsonString());

        var message = ShouldBeRefused(file);
        message.ShouldContain(key);
        message.ShouldContain(JsonNode.Parse(value) is JsonArray names ? names[^1]!.ToString() : value.Trim('"'), Case.Insensitive);
    }

    [Theory, InlineData("in_channels", 8), InlineData("out_channels", 8), InlineData("cross_attention_dim", 48)]
    public void A_UNet_for_other_parts_is_named(string key, int value)
    {
        var config = JsonNode.Parse(File.ReadAllText(At("unet/config.json")))!;
        config[key] = value;
        File.WriteAllText(At("unet/config.json"), config.ToJsonString());
        var message = Should.Throw<ModelException>(() => ModelFiles.Verify(_model)).Message;
        message.ShouldContain(_model);
        message.ShouldContain($"{key} {value}");
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes_and_the_file()
    {
        var config = JsonNode.Parse(File.ReadAllText(At("unet/config.json")))!;
        config["block_out_channels"] = new JsonArray(24, 24, 32, 32);
        File.WriteAllText(At("unet/config.json"), config.ToJsonString());

        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(_model, DeviceChoice.Cpu)).Message;

        message.ShouldContain("conv_in.weight");
        message.ShouldContain("[16, 4, 3, 3]");
        message.ShouldContain("[24, 4, 3, 3]");
        message.ShouldContain(At("unet"));
    }

    [Fact]
    public void A_tensor_of_no_weights_is_named()
    {
        using var scope = NewDisposeScope();
        var path = At("vae/diffusion_pytorch_model.safetensors");
        var weights = new Dictionary<string, Tensor>();
        using (var file = new SafetensorsFile(path))
        {
            foreach (var name in file.Entries.Keys)
            {
                weights[name] = name == "decoder.conv_in.bias" ? file.Read(name).to(ScalarType.Int32) : file.Read(name);
            }
        }
        SafetensorsWriter.Write(path, weights);

        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(_model, DeviceChoice.Cpu)).Message;

        message.ShouldContain(path);
        message.ShouldContain("decoder.conv_in.bias");
        message.ShouldContain("Int32");
    }

    [Fact]
    public void A_tiny_autoencoder_may_be_the_models_own()
    {
        Directory.Delete(At("vae"), recursive: true);
        Directory.CreateDirectory(At("vae"));
        foreach (var file in Directory.EnumerateFiles(Fixtures.At("models", "tiny-taesd")))
        {
            File.Copy(file, At(Path.Combine("vae", Path.GetFileName(file))));
        }
        var index = JsonNode.Parse(File.ReadAllText(At("model_index.json")))!;
        index["vae"] = new JsonArray("diffusers", "AutoencoderTiny");
        File.WriteAllText(At("model_index.json"), index.ToJsonString());
        var request = new TextToImageRequest { Prompt = "frog", Steps = 2, GuidanceScale = 1, Seed = 1, Width = 32, Height = 32, Scheduler = "ddim" };

        ModelFiles.Verify(_model);
        using var own = StableDiffusionPipeline.Load(_model, DeviceChoice.Cpu);
        using var instead = StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, Autoencoder = Fixtures.At("models", "tiny-taesd") });

        own.Generate(request).Pixels.ShouldBe(instead.Generate(request).Pixels);
    }

    [Fact]
    public void A_tensor_that_is_missing_is_named()
    {
        var config = JsonNode.Parse(File.ReadAllText(At("unet/config.json")))!;
        config["layers_per_block"] = 3;
        File.WriteAllText(At("unet/config.json"), config.ToJsonString());

        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(_model, DeviceChoice.Cpu)).Message;

        message.ShouldContain("is missing");
        message.ShouldContain(At("unet"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", true)]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", false)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", false)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", false)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", false)]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,8]}}""", false)]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", false)]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", false)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", false)]
    [InlineData("""["a"]""", false)]
    [InlineData("""{"a":""", false)]
    public void A_header_that_lies_is_refused(string header, bool valid)
    {
        var path = At("lie.safetensors");
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(header) + 8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Encoding.UTF8.GetByteCount(header));
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        File.WriteAllBytes(path, bytes);

        if (valid)
        {
            SafetensorsFile.Verify(path);
        }
        else
        {
            Should.Throw<ModelException>(() => SafetensorsFile.Verify(path)).Message.ShouldContain(path);
        }
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var path = At("written.safetensors");
        using var scope = NewDisposeScope();
        var weights = new Dictionary<string, Tensor> { ["b.weight"] = randn(3, 5), ["a.ids"] = arange(7, ScalarType.Int64), ["c.scalar"] = tensor(2.5f) };
        SafetensorsWriter.Write(path, weights);

        using var file = new SafetensorsFile(path);
        file.Entries.Keys.ShouldBe(weights.Keys, ignoreOrder: true);
        foreach (var (name, expected) in weights)
        {
            file.Read(name).equal(expected).all().item<bool>().ShouldBeTrue(name);
        }
    }

    string ShouldBeRefused(string file)
    {
        var message = Should.Throw<ModelException>(() => ModelFiles.Verify(_model)).Message;
        message.ShouldContain(At(file));
        message.ShouldNotContain("\n");
        return message;
    }
}
