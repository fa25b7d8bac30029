#pragma warning disable ASPIREPIPELINES004 // The stand-in's own output.
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Pipelines;

/// <summary>Collects what is published in a folder aside, and moves it into place when all of it is there.</summary>
sealed class PipelineOutput(IConfiguration configuration, AppHostInfo appHost) : IPipelineOutputService, IDisposable
{
    private const string DefaultFolder = "aspire-output";

    private readonly string _target = Path.GetFullPath(
        configuration["Pipeline:OutputPath"] is { Length: > 0 } path ? path : Path.Combine(appHost.Directory, DefaultFolder));

    private string? _aside;

    /// <summary>Where it is to be in the end.</summary>
    public string Target => _target;

    public string GetOutputDirectory() =>
        _aside ?? throw new InvalidOperationException("There is an output folder only while the application is published.");

    public string GetOutputDirectory(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Path.Combine(GetOutputDirectory(), resource.Name);
    }

    /// <summary>Makes the folder aside, on the same file system.</summary>
    public void Open() => Guard(() =>
    {
        var existing = _target;
        while (!Directory.Exists(existing))
        {
            if (File.Exists(existing)) throw new IOException($"'{existing}' is a file.");
            existing = Path.GetDirectoryName(existing) ?? throw new IOException("There is no such drive.");
        }
        var aside = Path.Combine(existing, $".{Path.GetFileName(_target)}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(aside);
        _aside = aside;
    });

    /// <summary>Moves everything into place, if there is anything. What else is there stays, as it does with Aspire.</summary>
    public bool Commit()
    {
        if (!Directory.EnumerateFileSystemEntries(GetOutputDirectory()).Any()) return false;
        Guard(Move);
        return true;
    }

    public void Dispose()
    {
        if (_aside is { } aside && Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        _aside = null;
    }

    private void Move()
    {
        var aside = GetOutputDirectory();
        if (!Directory.Exists(_target))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_target)!);
            Directory.Move(aside, _target);
            return;
        }
        foreach (var file in Directory.EnumerateFiles(aside, "*", SearchOption.AllDirectories).ToList())
        {
            var target = Path.Combine(_target, Path.GetRelativePath(aside, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target, overwrite: true);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"The output path '{_target}' cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
