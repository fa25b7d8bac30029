using SdAspire.Diffusion.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>A packed convolution against libtorch's own.</summary>
public class PackedConvolutionTests
{
    public static TheoryData<int, int, int, int, int, bool> Layers() => new()
    {
        // in, out, kernel, stride, padding, bias
        { 4, 32, 3, 1, 1, true },
        { 32, 64, 3, 2, 1, true },
        { 32, 32, 3, 2, 0, true },
        { 48, 16, 1, 1, 0, true },
        { 16, 3, 3, 1, 1, false },
    };

    [Theory, MemberData(nameof(Layers))]
    public void Gives_what_the_plain_convolution_gives(int @in, int @out, int kernel, int stride, int padding, bool bias)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var packed = new Convolution2D(@in, @out, kernel, stride, padding, bias).WithInitialValues();
        var (weight, shift) = Values(packed);
        packed.Pack();

        // Another size or number of pictures packs anew, from what was packed before.
        foreach (var (batch, height, width) in new[] { (1, 16, 16), (2, 16, 16), (1, 9, 13), (1, 16, 16) })
        {
            var x = randn(batch, @in, height, width);
            var expected = nn.functional.conv2d(x, weight, shift, strides: [stride, stride], padding: [padding, padding]);
            var actual = packed.call(x);
            actual.shape.ShouldBe(expected.shape);
            (actual - expected).abs().max().item<float>().ShouldBeLessThan(1e-4f);
        }
    }

    [Fact]
    public void Holds_its_weight_once()
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var convolution = new Convolution2D(16, 16, 3, padding: 1).WithInitialValues();
        convolution.Pack();
        using var result = convolution.call(zeros(1, 16, 8, 8));
        convolution.get_parameter("weight")!.numel().ShouldBe(0);
    }

    [Fact]
    public void Trains_until_it_is_packed()
    {
        using var scope = NewDisposeScope();
        using var convolution = new Convolution2D(4, 4, 3, padding: 1).WithInitialValues();
        convolution.call(ones(1, 4, 8, 8)).sum().backward();
        convolution.get_parameter("weight")!.grad.ShouldNotBeNull().abs().sum().item<float>().ShouldBeGreaterThan(0);
    }

    static (Tensor Weight, Tensor? Bias) Values(Convolution2D convolution)
    {
        var values = convolution.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        return (values["weight"], values.GetValueOrDefault("bias"));
    }
}
