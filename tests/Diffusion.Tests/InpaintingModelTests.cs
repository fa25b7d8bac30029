using SdAspire.Diffusion.Models;
using SdAspire.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>
/// UNets that were trained to paint into pictures. The golden set has none: a tiny one of four channels is given the other five.
/// </summary>
public sealed class InpaintingModelTests : IDisposable
{
    static readonly string Plain = Fixtures.At("models", "tiny-sd15");

    readonly TemporaryFolder _folder = new();

    [Theory, InlineData(1), InlineData(0.5)]
    public void What_weighs_nothing_changes_nothing_and_nothing_is_put_back(double strength)
    {
        using var plain = StableDiffusionPipeline.Load(Plain, DeviceChoice.Cpu);
        using var inpainting = StableDiffusionPipeline.Load(Model(weight: 0), DeviceChoice.Cpu);
        var image = plain.Generate(Request);
        var request = Request with { Seed = 8, Strength = strength };
        // At full strength nothing of the picture is drawn for, as if there were none.
        var expected = plain.Generate(strength == 1 ? request : request with { Image = image, Mask = Mask(image, 0) });

        var painted = inpainting.Generate(request with { Image = image, Mask = Mask(image, 24) });

        painted.Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1);
        expected.Pixels.ShouldNotBe(image.Pixels);
    }

    [Theory, InlineData(1, 1), InlineData(1, 3), InlineData(0.5, 3)]
    public void The_UNet_sees_the_mask_and_the_picture_without_what_is_masked(double strength, double guidance)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var pipeline = StableDiffusionPipeline.Load(Model(weight: 0), DeviceChoice.Cpu);
        var pixels = Enumerable.Range(0, Request.Width * Request.Height * 3).Select(n => (byte)(n * 7)).ToArray();
        var image = new RgbImage(Request.Width, Request.Height, pixels);
        var seen = new List<Tensor>();
        var first = (nn.Module<Tensor, Tensor>)pipeline.UNet.named_modules().Single(m => m.name == "conv_in").module;
        first.register_forward_hook((_, input, output) =>
        {
            seen.Add(input.clone().MoveToOtherDisposeScope(scope));
            return output;
        });

        pipeline.Generate(Request with { Image = image, Mask = Mask(image, 24), Strength = strength, GuidanceScale = guidance });

        // As StableDiffusionInpaintPipeline has it, from the pixels on.
        using var files = ModelFiles.OpenAutoencoder(Path.Combine(Plain, "vae")).Open();
        using var vae = new AutoencoderKL(ModelFiles.Open(Plain).Autoencoder.Large!);
        Weights.WeightLoader.Load(vae, files);
        using var noise = new SeededNoise(Request.Seed);
        var picture = tensor(pixels.Select(p => p / 255f * 2 - 1).ToArray(), [1, Request.Height, Request.Width, 3]).permute(0, 3, 1, 2);
        var latents = strength == 1 ? null : vae.EncodeSample(picture, noise) * vae.ScalingFactor;
        var unit = noise.Draw(1, 4, Request.Height / 8, Request.Width / 8);
        var mask = zeros(1, 1, Request.Height, Request.Width);
        mask[.., .., .., 24..] = 1f;
        var masked = vae.EncodeSample(picture * (mask < 0.5), noise) * vae.ScalingFactor;
        var small = mask[.., .., ..][.., .., torch.TensorIndex.Slice(step: 8), torch.TensorIndex.Slice(step: 8)];

        seen.Count.ShouldBe(strength == 1 ? 4 : 2);
        foreach (var input in seen)
        {
            input.shape.ShouldBe([guidance > 1 ? 2 : 1, 9, Request.Height / 8, Request.Width / 8]);
            for (var row = 0; row < input.shape[0]; row++)
            {
                Near(input[row..(row + 1), 4..5], small);
                Near(input[row..(row + 1), 5..], masked);
            }
        }
        if (latents is null)
        {
            Near(seen[0][..1, ..4], unit);
        }

        static void Near(Tensor actual, Tensor expected) => (actual - expected).abs().max().item<float>().ShouldBeLessThan(1e-4f);
    }

    [Fact]
    public void What_the_UNet_sees_of_the_picture_counts()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model(weight: 0.5), DeviceChoice.Cpu);
        var image = new RgbImage(Request.Width, Request.Height, new byte[Request.Width * Request.Height * 3]);
        var request = Request with { Image = image, Mask = Mask(image, 24), Strength = 1 };
        var light = image with { Pixels = [.. image.Pixels.Select(_ => (byte)255)] };

        var pictures = new[] { request, request with { Mask = Mask(image, 48) }, request with { Image = light } }
            .Select(r => pipeline.Generate(r)).ToList();

        pictures.DistinctBy(picture => Convert.ToHexString(picture.Pixels)).Count().ShouldBe(3);
    }

    [Fact]
    public void Several_pictures_are_painted_into_in_one_pass()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model(weight: 0.5), DeviceChoice.Cpu);
        var image = pipeline.Generate(Request with { Image = Blank(), Mask = Mask(Blank(), 0), Strength = 1 });
        TextToImageRequest[] requests =
        [
            Request with { Image = image, Mask = Mask(image, 24), Strength = 0.5 },
            Request with { Image = Blank(), Mask = Mask(image, 8), Strength = 0.5, Seed = 9, Prompt = "frog" },
        ];

        var batch = pipeline.Generate(requests);

        foreach (var (picture, request) in batch.Zip(requests))
        {
            picture.Pixels.Zip(pipeline.Generate(request).Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(1);
        }

        static RgbImage Blank() => new(Request.Width, Request.Height, new byte[Request.Width * Request.Height * 3]);
    }

    [Fact]
    public void Without_a_picture_it_says_what_it_needs()
    {
        using var pipeline = StableDiffusionPipeline.Load(Model(weight: 0), DeviceChoice.Cpu);
        var image = new RgbImage(Request.Width, Request.Height, new byte[Request.Width * Request.Height * 3]);
        foreach (var request in new[] { Request, Request with { Image = image } })
        {
            Should.Throw<ArgumentException>(() => pipeline.Generate(request)).Message.ShouldContain("it needs an image and a mask");
        }
    }

    public void Dispose() => _folder.Dispose();

    static TextToImageRequest Request => new()
    {
        Prompt = "red heart", Steps = 4, GuidanceScale = 3, Seed = 7, Width = 64, Height = 32, Scheduler = "ddim",
    };

    /// <summary>Light from a column on.</summary>
    static RgbImage Mask(RgbImage image, int from) => image with
    {
        Pixels = [.. Enumerable.Range(0, image.Pixels.Length).Select(n => n / 3 % image.Width >= from ? (byte)255 : (byte)0)],
    };

    string Model(double weight)
    {
        var model = _folder.Copy(Plain, "model");
        InpaintingModel.Make(model, weight);
        return model;
    }
}
