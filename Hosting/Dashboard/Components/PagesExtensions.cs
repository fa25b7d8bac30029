using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>What the pages share.</summary>
internal static class PagesExtensions
{
    public static void AddDashboardPages(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ResourceColors>();
        services.AddScoped<Browser>();
    }
}
