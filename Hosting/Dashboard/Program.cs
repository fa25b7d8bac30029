using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard;

// 0: stopped as asked. 1: an address is taken, or cannot be used. 2: configuration.
try
{
    await using var app = await DashboardApp.BuildAsync(args);
    await app.RunAsync();
    return 0;
}
// FormatException: an address that is none.
catch (Exception e) when (e is OptionsValidationException or FormatException)
{
    Console.Error.WriteLine($"Dashboard: {e.Message.ReplaceLineEndings(" ")}");
    return 2;
}
catch (IOException e)
{
    Console.Error.WriteLine($"Dashboard: {e.Message.ReplaceLineEndings(" ")}");
    return 1;
}
