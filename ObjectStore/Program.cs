using Microsoft.Extensions.Options;
using SdAspire.ObjectStore;
using SdAspire.ObjectStore.Storage;

// 0: stopped as asked. 1: the data folder or the address is taken, or cannot be used. 2: configuration.
try
{
    await using var app = await ObjectStoreApp.BuildAsync(ObjectStoreApp.CreateBuilder(args));
    await app.RunAsync();
    return 0;
}
// FormatException: an address that is none.
catch (Exception e) when (e is OptionsValidationException or FormatException)
{
    Console.Error.WriteLine($"ObjectStore: {e.Message}");
    return 2;
}
catch (Exception e) when (e is StoreFolderException or IOException)
{
    Console.Error.WriteLine($"ObjectStore: {e.Message}");
    return 1;
}
