using System.CommandLine;
using SdAspire.Diffusion;
using SdAspire.Training;

var root = new RootCommand("Makes the model that ships: data, tokenizer, training.")
{
    PrepareCommand.Create(),
    TokenizerCommand.Create(),
    ContactSheetCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception fault) when (fault is TrainingException or ModelException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled.");
    return 130;
}
