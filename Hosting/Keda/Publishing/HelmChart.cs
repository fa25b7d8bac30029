using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>A chart on disk that Aspire wrote, while it is added to. Nothing is written before <see cref="SaveAsync"/>.</summary>
sealed partial class HelmChart
{
    private const string ValuesFile = "values.yaml";
    public const string SchemaFile = "values.schema.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly string _folder;
    private readonly SortedDictionary<string, string> _files;
    private readonly List<string> _removed = [];
    private readonly List<string> _values = [];
    private readonly JsonObject _schema = new()
    {
        ["$schema"] = "https://json-schema.org/draft-07/schema#",
        ["type"] = "object",
        ["properties"] = new JsonObject(),
        ["$defs"] = new JsonObject(),
    };

    private HelmChart(string folder, SortedDictionary<string, string> files)
    {
        _folder = folder;
        _files = files;
    }

    /// <summary>Reads what is there.</summary>
    public static async Task<HelmChart> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var templates = Path.Combine(folder, "templates");
        // Other files of the folder are whoever's.
        if (Directory.Exists(templates))
            foreach (var file in Directory.EnumerateFiles(templates, "*", SearchOption.AllDirectories))
                await AddAsync(file).ConfigureAwait(false);
        await AddAsync(Path.Combine(folder, ValuesFile)).ConfigureAwait(false);
        return new(folder, files);

        async Task AddAsync(string file) =>
            files[Path.GetRelativePath(folder, file).Replace('\\', '/')] =
                await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
    }

    public string this[string path]
    {
        get => _files[path];
        set => _files[path] = value;
    }

    public IReadOnlyList<string> TemplatesOf(string resource) =>
        [.. _files.Keys.Where(path => path.StartsWith($"templates/{resource}/", StringComparison.Ordinal))];

    public void Remove(string path)
    {
        if (_files.Remove(path)) _removed.Add(path);
    }

    /// <summary>Adds commented YAML to the values.</summary>
    public void AddValues(string yaml) => _values.Add(yaml.TrimEnd('\n') + "\n");

    /// <summary>Adds what values may be: <c>properties</c> and <c>$defs</c> of a JSON schema, merged with what is there.</summary>
    public void AddSchema(JsonObject schema) => Merge(_schema, schema);

    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        _files[ValuesFile] = ValuesThatAreUsed() + string.Concat(_values);
        if (_values.Count > 0) _files[SchemaFile] = _schema.ToJsonString(Indented) + "\n";
        foreach (var path in _removed) File.Delete(Path.Combine(_folder, path));
        foreach (var (path, text) in _files)
        {
            var file = Path.Combine(_folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Aspire's values without those that no template names any more.</summary>
    private string ValuesThatAreUsed()
    {
        var named = _files.Where(file => file.Key.StartsWith("templates/", StringComparison.Ordinal))
            .SelectMany(file => Value().Matches(file.Value), (_, match) => match.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);
        var (section, resource) = ("", "");
        var kept = new List<string>();
        // Aspire's values are three levels: a section, a resource, and a value that is one line.
        foreach (var line in _files[ValuesFile].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (indent, key) = (line.Length - line.TrimStart().Length, line.TrimStart().Split(':')[0]);
            if (indent == 0) (section, resource) = (line, "");
            else if (indent == 2) resource = line;
            else if (named.Contains($"{Key(section)}.{Key(resource)}.{key}"))
            {
                if (!kept.Contains(section)) kept.AddRange([.. Comment(Key(section)), section]);
                if (kept.LastIndexOf(resource) < kept.IndexOf(section)) kept.Add(resource);
                kept.Add(line);
            }
        }
        return string.Concat(kept.Select(line => line + "\n"));

        static string Key(string line) => line.Trim().TrimEnd(':');
    }

    private static string[] Comment(string section) => section switch
    {
        "parameters" => ["# Images, under the names by which the cluster pulls them, and ports."],
        "secrets" => ["# Passwords: give them when you install, they are in no file."],
        "config" => ["# Settings of the services."],
        _ => [],
    };

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
            if (target[name] is JsonObject existing && value is JsonObject more) Merge(existing, more);
            else if (target[name] is JsonArray list && value is JsonArray items)
                foreach (var item in items) list.Add(item?.DeepClone());
            else target[name] = value?.DeepClone();
    }

    [GeneratedRegex(@"\.Values\.([A-Za-z0-9_.]+)")]
    private static partial Regex Value();
}
