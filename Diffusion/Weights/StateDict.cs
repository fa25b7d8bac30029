using SdAspire.Diffusion.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>weight_map of an index file: which shard holds which tensor.</summary>
public sealed record ShardIndex
{
    public IReadOnlyDictionary<string, string>? WeightMap { get; set; }
}

/// <summary>How a tensor lies in a file under another name than diffusers'.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Part">Of several tensors that lie fused along the first dimension, which one.</param>
/// <param name="Of">How many lie fused.</param>
/// <param name="Transposed">Rows and columns are swapped.</param>
public readonly record struct StoredAs(string Name, int Part = 0, int Of = 1, bool Transposed = false);

/// <summary>
/// The tensors of one model part under diffusers' names, wherever they lie: in one file, in shards, or among the others of a
/// single-file checkpoint.
/// </summary>
public sealed class StateDict : IDisposable
{
    readonly Dictionary<string, SafetensorsFile> _files = [];
    readonly Dictionary<string, SafetensorsFile> _holders = [];
    readonly Func<string, StoredAs> _naming;
    readonly string _path;

    StateDict(string path, Func<string, StoredAs>? naming)
    {
        _path = path;
        _naming = naming ?? (name => new(name));
    }

    /// <summary>The names that are in the files.</summary>
    public IEnumerable<string> StoredNames => _holders.Keys;

    /// <summary>What a folder holds for a part: one file or shards with their index, plain or in the fp16 variant.</summary>
    /// <param name="directory">The part's folder.</param>
    /// <param name="stem">The file's name without ending.</param>
    /// <exception cref="ModelException">There is none, or its index or a header is malformed.</exception>
    public static StateDict Open(string directory, string stem)
    {
        var plain = Path.Combine(directory, stem + ".safetensors");
        string[] candidates =
        [
            plain, plain + ".index.json",
            Path.Combine(directory, stem + ".fp16.safetensors"), plain + ".index.fp16.json",
            Path.Combine(directory, stem + ".fp16.safetensors.index.json"),
        ];
        var path = candidates.FirstOrDefault(File.Exists) ?? throw new ModelException($"{plain}: the file is missing");
        return path.EndsWith(".json", StringComparison.Ordinal) ? OpenShards(path) : Open(path);
    }

    /// <param name="path">One file.</param>
    /// <param name="naming">From diffusers' names to those in the file; null where they are the same.</param>
    /// <exception cref="ModelException">The file is missing or its header is malformed.</exception>
    public static StateDict Open(string path, Func<string, StoredAs>? naming = null)
    {
        var weights = new StateDict(path, naming);
        var file = weights._files[path] = new SafetensorsFile(path);
        foreach (var name in file.Entries.Keys)
        {
            weights._holders[name] = file;
        }
        return weights;
    }

    /// <summary>A tensor in the file's type, on the CPU. The caller owns it.</summary>
    /// <exception cref="ModelException">It is missing or not of numbers.</exception>
    public Tensor Read(string name)
    {
        var stored = _naming(name);
        if (!_holders.TryGetValue(stored.Name, out var file))
        {
            stored = stored with { Name = LegacyNames.Of(stored.Name) };
            if (!_holders.TryGetValue(stored.Name, out file))
            {
                throw new ModelException($"{_path}: tensor '{_naming(name).Name}' is missing");
            }
        }
        using var scope = NewDisposeScope();
        var tensor = file.Read(stored.Name);
        if (!tensor.is_floating_point())
        {
            throw new ModelException(
                $"{file.Path}: tensor '{stored.Name}' has the type {tensor.dtype}, weights are floating-point");
        }
        if (stored.Of > 1)
        {
            if (tensor.dim() == 0 || tensor.shape[0] % stored.Of != 0)
            {
                throw new ModelException(
                    $"{file.Path}: tensor '{stored.Name}' has shape {WeightLoader.Shape(tensor)}, which holds no {stored.Of} parts");
            }
            tensor = tensor.chunk(stored.Of)[stored.Part];
        }
        if (stored.Transposed && tensor.dim() == 2)
        {
            tensor = tensor.t();
        }
        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Where a tensor lies, for an error: its file and its name there.</summary>
    public (string Path, string Name) Locate(string name)
    {
        var stored = _naming(name).Name;
        return (_holders.TryGetValue(stored, out var file) ? file.Path : _path, stored);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    static StateDict OpenShards(string index)
    {
        var map = ConfigFile.Read(index, ModelJson.Default.ShardIndex).WeightMap
            ?? throw new ModelException($"{index}: weight_map is missing");
        var weights = new StateDict(index, null);
        try
        {
            foreach (var (name, shard) in map)
            {
                // An index names its neighbours, nothing else on this machine.
                if (shard != Path.GetFileName(shard) || shard is "" or "." or "..")
                {
                    throw new ModelException($"{index}: '{shard}' is no file's name");
                }
                if (!weights._files.TryGetValue(shard, out var file))
                {
                    file = weights._files[shard] = new SafetensorsFile(Path.Combine(Path.GetDirectoryName(index)!, shard));
                }
                weights._holders[name] = file.Entries.ContainsKey(name)
                    ? file
                    : throw new ModelException(
                        $"{file.Path}: tensor '{name}' is missing, which {Path.GetFileName(index)} says it holds");
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}

/// <summary>
/// What diffusers called the attention of its autoencoder before it had one attention for all; published models keep it.
/// </summary>
static class LegacyNames
{
    static readonly (string Now, string Before)[] Names =
        [(".to_q.", ".query."), (".to_k.", ".key."), (".to_v.", ".value."), (".to_out.0.", ".proj_attn.")];

    public static string Of(string name) =>
        Names.Aggregate(name, (n, pair) => n.Replace(pair.Now, pair.Before, StringComparison.Ordinal));
}
