namespace SdAspire.Chart.Tests.Helm;

/// <summary>A cluster that templates may look into.</summary>
interface ICluster
{
    /// <summary>An object, or with no name all of the kind as <c>items</c>; null where there is none.</summary>
    IReadOnlyDictionary<string, object?>? Lookup(string apiVersion, string kind, string space, string name);
}
