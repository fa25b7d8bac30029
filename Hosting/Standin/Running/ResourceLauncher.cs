using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Works out how a resource is started: its program, its arguments, its environment.</summary>
sealed class ResourceLauncher(DistributedApplicationExecutionContext executionContext, AppHostInfo appHost)
{
    /// <summary>Whether the resource is a process of its own.</summary>
    public static bool IsProcess(IResource resource) => resource is ExecutableResource or ProjectResource;

    public async Task<ChildProcessStart> PrepareAsync(IResource resource, CancellationToken cancellationToken)
    {
        var (command, arguments, workingDirectory) = resource switch
        {
            ExecutableResource executable => (Find(executable), [], executable.WorkingDirectory),
            ProjectResource project => Built(project),
            _ => throw new InvalidOperationException($"The resource '{resource.Name}' is not a process."),
        };
        if (!Directory.Exists(workingDirectory))
            throw new DistributedApplicationException($"there is no working directory {workingDirectory}");
        return new(
            command,
            [.. arguments, .. await ArgumentsAsync(resource, cancellationToken).ConfigureAwait(false)],
            workingDirectory,
            await EnvironmentAsync(resource, cancellationToken).ConfigureAwait(false));
    }

    private async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
            await annotation.Callback(context).ConfigureAwait(false);
        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
            if (await TextAsync(value, cancellationToken).ConfigureAwait(false) is { } text) variables[name] = text;
        return variables;
    }

    private static async Task<IReadOnlyList<string>> ArgumentsAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
            await annotation.Callback(context).ConfigureAwait(false);
        var arguments = new List<string>();
        foreach (var value in context.Args)
            if (await TextAsync(value, cancellationToken).ConfigureAwait(false) is { } text) arguments.Add(text);
        return arguments;
    }

    private static async ValueTask<string?> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } =>
            await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Find(ExecutableResource executable)
    {
        var command = executable.Command;
        var candidates = command.Contains('/')
            ? [Path.GetFullPath(command, executable.WorkingDirectory)]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, command));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new DistributedApplicationException($"the program {command} was not found");
    }

    private (string Command, string[] Arguments, string WorkingDirectory) Built(ProjectResource project)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var target = appHost.TargetPath(path);
        return File.Exists(target)
            ? (DotnetHost, [target], Path.GetDirectoryName(path)!)
            : throw new DistributedApplicationException($"{path} is not built: run 'dotnet build' on the AppHost");
    }

    // The runtime that runs the AppHost runs the projects, too.
    internal static string DotnetHost =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}

/// <summary>What the build wrote into the AppHost's assembly.</summary>
sealed class AppHostInfo(Assembly? assembly, string? directory)
{
    public Assembly? Assembly => assembly;

    public string Directory => directory ?? Metadata("AppHostProjectPath") ?? System.IO.Directory.GetCurrentDirectory();

    /// <summary>The assembly that a project builds.</summary>
    public string? TargetPath(string projectPath) => Metadata($"TargetPath:{projectPath}");

    /// <summary>The dashboard's program.</summary>
    public string? DashboardPath => Metadata("aspiredashboardpath");

    private string? Metadata(string key) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;
}
