using System.Text.Json;
using System.Text.Json.Nodes;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using SdAspire.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>The same weights in every format: shards, half precision, older names, a checkpoint in one file.</summary>
public class FormatTests
{
    public static IEnumerable<TheoryDataRow<string, string>> SingleFiles()
    {
        var written = new[] { "tiny-sd15", "tiny-sdxl", "tiny-sd21" }.Where(m => Fixtures.Has("models", m)).Select(m => ("written here", m));
        var golden = Fixtures.Has("models", "single-file")
            ? Directory.EnumerateFiles(Fixtures.At("models", "single-file")).Select(f => (Path.GetFileName(f), Path.GetFileName(f).Replace("-fp16.safetensors", "")))
            : [];
        return from one in golden.Concat(written) select new TheoryDataRow<string, string>(one.Item1, one.Item2);
    }

    [Theory, MemberData(nameof(SingleFiles))]
    public void A_single_file_holds_the_weights_of_its_directory_rounded_to_half(string file, string model)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var directory = ModelFiles.Open(Fixtures.At("models", model));
        var single = ModelFiles.Open(SingleFile(folder, file, model));

        single.IsXL.ShouldBe(directory.IsXL);
        foreach (var (one, other) in Parts(directory).Zip(Parts(single)))
        {
            using var expected = one();
            using var actual = other();
            foreach (var name in expected.StoredNames)
            {
                var (want, got) = (expected.Read(name).to(ScalarType.Float16), actual.Read(name).to(ScalarType.Float16));
                got.reshape(want.shape).equal(want).all().item<bool>().ShouldBeTrue(name);
            }
        }
    }

    [Theory, MemberData(nameof(SingleFiles))]
    public void What_shapes_tell_of_a_single_file_is_what_the_directory_says(string file, string model)
    {
        using var folder = new TemporaryFolder();
        var directory = ModelFiles.Open(Fixtures.At("models", model));
        var single = ModelFiles.Open(SingleFile(folder, file, model));

        // No shape tells heads, groups, sizes and scales: those are the family's.
        ShouldAgree(single.UNet, directory.UNet, ModelJson.Default.UNet2DConditionConfig,
            ["attention_head_dim", "norm_num_groups", "sample_size"]);
        ShouldAgree(single.Autoencoder.Large!, directory.Autoencoder.Large!, ModelJson.Default.AutoencoderKLConfig,
            ["norm_num_groups", "sample_size"]);
        foreach (var (one, other) in single.TextEncoders.Zip(directory.TextEncoders))
        {
            // A file of SD 2 has a layer that its directory leaves out; that one written here has none to leave out.
            string[] layers = model == "tiny-sd21" ? ["num_hidden_layers"] : [];
            ShouldAgree(one.Config, other.Config, ModelJson.Default.ClipTextConfig,
                ["num_attention_heads", "eos_token_id", "projection_dim", .. layers]);
        }
        if (directory.IsXL)
        {
            single.TextEncoders[1].Config.ProjectionDim.ShouldBe(directory.TextEncoders[1].Config.ProjectionDim);
        }
        single.Scheduler.PredictionType.ShouldBe(directory.Scheduler.PredictionType);
        single.ForceZerosForEmptyPrompt.ShouldBe(directory.ForceZerosForEmptyPrompt);
    }

    [Theory, MemberData(nameof(SingleFiles))]
    public void A_single_file_paints_what_its_directory_paints_in_half_precision(string file, string model)
    {
        using var folder = new TemporaryFolder();
        var path = SingleFile(folder, file, model);
        folder.Copy(Fixtures.At("models", model), Path.GetFileNameWithoutExtension(path), f => !f.EndsWith(".safetensors", StringComparison.Ordinal));
        var half = Halved(folder, model);
        var request = new TextToImageRequest
        {
            Prompt = "a frog!", NegativePrompt = "blurry", Steps = 2, GuidanceScale = 5, Seed = 3, Width = 64, Height = 64, Scheduler = "ddim",
        };

        using var single = StableDiffusionPipeline.Load(path, DeviceChoice.Cpu);
        using var directory = StableDiffusionPipeline.Load(half, DeviceChoice.Cpu);

        single.Generate(request).Pixels.ShouldBe(directory.Generate(request).Pixels);
    }

    [Fact]
    public void Attention_of_an_autoencoder_under_its_older_names_is_found()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var weights = StateDict.Open(Fixtures.At("models", "tiny-sd15", "vae"), "diffusion_pytorch_model");
        var old = weights.StoredNames.Select(name => new KeyValuePair<string, Tensor>(
            name.Replace("to_q", "query").Replace("to_k", "key").Replace("to_v", "value").Replace("to_out.0", "proj_attn"), weights.Read(name)));
        SafetensorsWriter.Write(folder["old.safetensors"], old.ToList());

        using var found = StateDict.Open(folder["old.safetensors"]);

        found.StoredNames.ShouldContain("decoder.mid_block.attentions.0.proj_attn.weight");
        foreach (var name in weights.StoredNames)
        {
            found.Read(name).equal(weights.Read(name)).all().item<bool>().ShouldBeTrue(name);
        }
    }

    [Theory]
    [InlineData("../tiny-lcm/unet/diffusion_pytorch_model.fp16.safetensors", "no file's name")]
    [InlineData("nowhere.safetensors", "missing")]
    [InlineData("diffusion_pytorch_model-00002-of-00005.safetensors", "says it holds")]
    public void An_index_that_lies_is_refused(string shard, string problem)
    {
        using var folder = new TemporaryFolder();
        var unet = folder.Copy(Fixtures.At("models", "tiny-lcm-sharded-unet", "unet"), "unet");
        var path = Path.Combine(unet, "diffusion_pytorch_model.safetensors.index.json");
        var index = JsonNode.Parse(File.ReadAllText(path))!;
        index["weight_map"]!["conv_in.weight"] = shard;
        File.WriteAllText(path, index.ToJsonString());

        var message = Should.Throw<ModelException>(() => StateDict.Open(unet, "diffusion_pytorch_model")).Message;

        message.ShouldContain(unet);
        message.ShouldContain(problem);
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_refused_by_what_it_lacks()
    {
        var path = Fixtures.At("models", "tiny-sd15", "vae", "diffusion_pytorch_model.safetensors");
        var message = Should.Throw<ModelException>(() => ModelFiles.Open(path)).Message;
        message.ShouldContain(path);
        message.ShouldContain("model.diffusion_model.input_blocks.0.0.weight");
    }

    /// <summary>The fixture's file, or one with a directory's weights under the original names.</summary>
    internal static string SingleFile(TemporaryFolder folder, string file, string model)
    {
        if (file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            var copy = folder["checkpoint.safetensors"];
            File.Copy(Fixtures.At("models", "single-file", file), copy);
            return copy;
        }
        using var scope = NewDisposeScope();
        var files = ModelFiles.Open(Fixtures.At("models", model));
        var tensors = new Dictionary<string, Tensor>();
        Add(files.OpenUNet, name => "model.diffusion_model." + LdmNames.UNet(name, files.UNet));
        Add(files.Autoencoder.Open, name => "first_stage_model." + LdmNames.Autoencoder(name, files.Autoencoder.Large!));
        switch (model)
        {
            case "tiny-sd15":
                Add(files.TextEncoders[0].Open, name => "cond_stage_model.transformer." + name);
                break;
            case "tiny-sd21":
                AddFused(files.TextEncoders[0].Open, "cond_stage_model.model.");
                break;
            default:
                Add(files.TextEncoders[0].Open, name => "conditioner.embedders.0.transformer." + name);
                AddFused(files.TextEncoders[1].Open, "conditioner.embedders.1.model.");
                break;
        }
        var path = folder["checkpoint.safetensors"];
        SafetensorsWriter.Write(path, tensors, ScalarType.Float16);
        return path;

        void Add(Func<StateDict> open, Func<string, string> naming)
        {
            using var weights = open();
            foreach (var name in weights.StoredNames)
            {
                tensors[naming(name)] = weights.Read(name);
            }
        }

        void AddFused(Func<StateDict> open, string prefix)
        {
            using var weights = open();
            foreach (var group in weights.StoredNames.GroupBy(name => LdmNames.OpenClip(name).Name))
            {
                var members = group.OrderBy(name => LdmNames.OpenClip(name).Part).Select(weights.Read).ToList();
                tensors[prefix + group.Key] = LdmNames.OpenClip(group.First()).Transposed ? members[0].t() : cat(members);
            }
        }
    }

    static string Halved(TemporaryFolder folder, string model)
    {
        var half = folder.Copy(Fixtures.At("models", model), "half");
        using var scope = NewDisposeScope();
        foreach (var path in Directory.EnumerateFiles(half, "*.safetensors", SearchOption.AllDirectories))
        {
            var weights = new Dictionary<string, Tensor>();
            using (var file = new SafetensorsFile(path))
            {
                foreach (var name in file.Entries.Keys)
                {
                    weights[name] = file.Read(name);
                }
            }
            SafetensorsWriter.Write(path, weights, ScalarType.Float16);
        }
        return half;
    }

    static IEnumerable<Func<StateDict>> Parts(ModelFiles model) =>
        [model.OpenUNet, model.Autoencoder.Open, .. model.TextEncoders.Select(encoder => encoder.Open)];

    static void ShouldAgree<T>(T actual, T expected, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string[] except)
    {
        var (one, other) = (JsonSerializer.SerializeToNode(actual, type)!.AsObject(), JsonSerializer.SerializeToNode(expected, type)!.AsObject());
        foreach (var (key, value) in one.Where(pair => !except.Contains(pair.Key)))
        {
            (value?.ToJsonString() ?? "null").ShouldBe(other[key]?.ToJsonString() ?? "null", key);
        }
    }
}
