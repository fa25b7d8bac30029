using System.CommandLine;
using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Engine;

/// <summary><c>Worker verify</c>: tells in one line what is wrong with a model, before anything relies on it.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "The model's directory or its single .safetensors file.",
            Required = true,
        };
        var command = new Command("verify", "Checks that a model is whole.") { model };
        command.SetAction(result =>
        {
            try
            {
                ModelFiles.Verify(result.GetValue(model)!);
                _ = ModelProfile.Of(result.GetValue(model)!);
                return ExitCode.Done;
            }
            catch (Exception exception) when (exception is ModelException or InvalidModelProfileException)
            {
                return GenerateRun.Refuse(exception.Message);
            }
        });
        return command;
    }
}
