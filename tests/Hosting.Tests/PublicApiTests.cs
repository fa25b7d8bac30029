using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Hosting;

namespace SdAspire.Hosting.Tests;

/// <summary>
/// Whatever the stand-ins offer has Aspire's own signature, so that what compiles against them compiles against the packages.
/// <c>AspireApi.txt</c> holds the signatures of Aspire 13.5 and CommunityToolkit 13.5, of the members whose names the
/// stand-ins use; it is written anew by <c>ASPIRE_ASSEMBLIES=DIR ./test Hosting</c>, with the packages' assemblies in DIR.
/// </summary>
public class PublicApiTests
{
    private const string Variable = "ASPIRE_ASSEMBLIES";

    private static readonly string File = Path.Combine(Repository.Root, "tests", "Hosting.Tests", "AspireApi.txt");

    private static IReadOnlyList<string> Standins =>
    [
        .. new[] { typeof(DistributedApplication).Assembly, typeof(AspireRabbitMQExtensions).Assembly }.SelectMany(PublicApi.Of).Distinct(),
    ];

    [Fact]
    public void Every_public_member_of_the_standins_is_Aspires()
    {
        var aspire = System.IO.File.ReadLines(File).ToHashSet();
        aspire.Count.ShouldBeGreaterThan(300);
        Standins.Where(line => !aspire.Contains(line)).ShouldBeEmpty();
    }

    [Fact]
    public void Aspires_signatures_can_be_listed()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } folder)
        {
            Assert.Skip($"Aspire's assemblies are not here: {Variable} names their folder where they are.");
            return;
        }
        var context = new AssemblyLoadContext("Aspire", isCollectible: false);
        context.Resolving += (self, name) =>
            Path.Combine(folder, $"{name.Name}.dll") is var path && System.IO.File.Exists(path) ? self.LoadFromAssemblyPath(path) : null;
        var names = Standins.Select(PublicApi.NameOf).ToHashSet();
        string[] patterns = ["Aspire.*.dll", "CommunityToolkit.Aspire.*.dll"];
        var lines = patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))
            .SelectMany(path => PublicApi.Of(context.LoadFromAssemblyPath(path)))
            .Where(line => names.Contains(PublicApi.NameOf(line)))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        lines.ShouldNotBeEmpty();
        System.IO.File.WriteAllLines(File, lines);
    }
}
