using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Login;

namespace SdAspire.Hosting.Dashboard;

/// <summary>Puts the dashboard together.</summary>
internal static class DashboardApp
{
    /// <summary>The dashboard, not yet started.</summary>
    /// <exception cref="OptionsValidationException">The configuration makes no sense.</exception>
    public static async Task<WebApplication> BuildAsync(params string[] args)
    {
        // Settings beside the program, not in whatever folder it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(DashboardApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // A level from the configuration wins.
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // Kestrel warns of addresses in the environment that it does not listen on itself; the host tells what is told in
        // one line anyway with all its stack.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.AddFrontend();
        builder.AddTelemetry().AddResourceService();

        // Listeners are set up here already.
        var app = Checked(builder.Build);
        try
        {
            Checked(() =>
            {
                app.Services.GetRequiredService<IStartupValidator>().Validate();
                return app;
            });
            app.MapOtlp();
            app.MapFrontend();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    // A value of the wrong type is the same kind of mistake as a missing one.
    private static WebApplication Checked(Func<WebApplication> useOptions)
    {
        try
        {
            return useOptions();
        }
        catch (InvalidOperationException e)
        {
            throw new OptionsValidationException("Dashboard", typeof(DashboardApp), [e.Message]);
        }
    }
}
