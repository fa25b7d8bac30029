using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SdAspire.WebUi.Keys;

/// <summary>Cookies and forms of one replica are good for all of them.</summary>
public static class KeysExtensions
{
    public static void AddSharedKeys(this IServiceCollection services)
    {
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyFactory>();
        services.AddHostedService<KeyRingService>();
        services.AddHealthChecks().AddCheck<KeyRingHealthCheck>("keys");

        // Otherwise the name is the program's folder, which need not be the same in every image.
        services.AddDataProtection().SetApplicationName("SdAspire.WebUi").DisableAutomaticKeyGeneration();
        services.AddOptions<KeyManagementOptions>().Configure<KeyRing>((options, ring) => options.XmlRepository = ring);
        services.AddSingleton<XmlKeyManager>();
        services.AddSingleton<IKeyManager, SharedKeyManager>();
    }

    private sealed class KeyRingHealthCheck(KeyRing ring) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(ring.IsShared
                ? HealthCheckResult.Healthy("The keys of cookies and forms were read.")
                : new HealthCheckResult(
                    context.Registration.FailureStatus,
                    "The keys of cookies and forms could not be read from the storage yet: a key of this process alone serves."));
    }
}
