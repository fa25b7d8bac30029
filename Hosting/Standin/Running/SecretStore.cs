using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>
/// Generated values that stay the same from run to run: <c>secrets.json</c> in the folder <c>Aspire:Store:Path</c>, readable
/// by its owner only.
/// </summary>
sealed class SecretStore(IDistributedApplicationBuilder builder)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Several parameters of one application share the file.
    private static readonly Lock FileLock = new();

    /// <summary>The folder for what is kept from run to run.</summary>
    public static string Folder(IConfiguration configuration, string appHostDirectory) =>
        configuration["Aspire:Store:Path"] ?? Path.Combine(appHostDirectory, "obj");

    public string GetOrAdd(string key, Func<string> create)
    {
        // Asked for here and not earlier: the AppHost sets the folder after it has made the builder.
        var folder = Folder(builder.Configuration, builder.AppHostDirectory);
        var path = Path.Combine(folder, "secrets.json");
        lock (FileLock)
        {
            var values = Read(path);
            if (values.TryGetValue(key, out var value)) return value;
            value = values[key] = create();
            Directory.CreateDirectory(folder);
            Write(path, values);
            return value;
        }
    }

    private static Dictionary<string, string> Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), SecretStoreJson.Default.DictionaryStringString) ?? []
                : [];
        }
        catch (JsonException)
        {
            throw new DistributedApplicationException(
                $"{path} is not readable: correct it, or delete it together with the data that its passwords protect.");
        }
    }

    private static void Write(string path, Dictionary<string, string> values)
    {
        // Whole or not at all, and never for a moment with other rights.
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, values, SecretStoreJson.Default.DictionaryStringString);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class SecretStoreJson : JsonSerializerContext;
