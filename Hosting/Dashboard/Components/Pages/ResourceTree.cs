using SdAspire.Hosting.Dashboard.Components.Controls;
using SdAspire.Hosting.Dashboard.Resources;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>A resource in the table.</summary>
internal sealed record ResourceRow(ResourceInfo Resource, int Depth, int ChildCount);

/// <summary>Which resources to show.</summary>
internal sealed record ResourceFilter(string Text, IReadOnlySet<string> Types, bool ShowHidden)
{
    /// <summary>Hidden ones, and parts that did their work and went, are shown to who asks for them only.</summary>
    public bool IsListed(ResourceInfo resource) =>
        ShowHidden || !(resource.IsHidden || (resource.ParentName is not null && StateLook.IsDone(resource)));

    public bool Matches(ResourceInfo resource) =>
        (Types.Count == 0 || Types.Contains(resource.Type))
        && (Text.Length == 0
            || Has(resource.DisplayName) || Has(resource.Type) || Has(resource.State) || Has(ResourceSource.Of(resource).Text)
            || resource.Urls.Any(url => Has(url.Url) || Has(url.DisplayName)));

    private bool Has(string? value) => value?.Contains(Text, StringComparison.OrdinalIgnoreCase) is true;
}

/// <summary>Puts children below their parents.</summary>
internal static class ResourceTree
{
    public static IReadOnlyList<ResourceRow> Rows(
        IReadOnlyList<ResourceInfo> resources, ResourceFilter filter, IReadOnlySet<string> collapsed)
    {
        var listed = resources.Where(filter.IsListed).ToList();
        var names = listed.Select(one => one.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var children = listed.Where(HasParent).ToLookup(one => one.ParentName!, StringComparer.OrdinalIgnoreCase);
        var rows = new List<ResourceRow>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var root in listed.Where(one => !HasParent(one)))
            Add(root, 0);
        // Parents that go round in a circle.
        foreach (var rest in listed.Where(one => !seen.Contains(one.Name)).ToList())
            Add(rest, 0);
        return rows;

        bool HasParent(ResourceInfo one) => one.ParentName is { } parent && names.Contains(parent)
            && !parent.Equals(one.Name, StringComparison.OrdinalIgnoreCase);

        bool Add(ResourceInfo resource, int depth)
        {
            if (!seen.Add(resource.Name))
                return false;
            var at = rows.Count;
            var count = children[resource.Name].Count();
            rows.Add(new ResourceRow(resource, depth, count));
            var any = false;
            foreach (var child in children[resource.Name])
                any |= Add(child, depth + 1);
            var wanted = any || filter.Matches(resource);
            if (!wanted)
                rows.RemoveRange(at, rows.Count - at);
            else if (collapsed.Contains(resource.Name))
                rows.RemoveRange(at + 1, rows.Count - at - 1);
            return wanted;
        }
    }
}

/// <summary>What a resource is made from.</summary>
internal sealed record ResourceSource(string Text, string? Title)
{
    public static ResourceSource Of(ResourceInfo resource)
    {
        var path = Value("project.path") ?? Value("executable.path") ?? Value("container.image");
        if (path is null)
            return new(Value("resource.source") ?? "", null);
        var pid = Value("executable.pid");
        return new(Path.GetFileName(path.TrimEnd('/')), pid is null ? path : $"{path} (process {pid})");

        string? Value(string name)
        {
            var value = resource.Properties.FirstOrDefault(one => one.Name == name && !one.IsSensitive)?.Value;
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }
}
