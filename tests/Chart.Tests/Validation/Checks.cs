namespace SdAspire.Chart.Tests.Validation;

/// <summary>All that is asked of what a chart gives, as one line for each thing that is wrong.</summary>
static class Checks
{
    /// <summary>What any chart has to keep.</summary>
    private static readonly IReadOnlyList<Func<Manifests, IEnumerable<string>>> OfEveryChart =
    [
        ReferenceChecks.Run, SelectorChecks.Run, PortChecks.Run, SecretChecks.Run, NameChecks.Run, QuantityChecks.Run, VolumeChecks.Run,
    ];

    public static async Task<IReadOnlyList<string>> RunAsync(Manifests manifests, bool isHardened = true)
    {
        var resources = await CustomResources.LoadAsync();
        return
        [
            .. manifests.All.SelectMany(m => KindChecks.Run(m, resources)),
            .. OfEveryChart.SelectMany(check => check(manifests)),
            .. isHardened ? manifests.Pods.SelectMany(PodSecurity.Run) : [],
        ];
    }
}
