using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What is known of a resource before anything has happened to it.</summary>
static class ResourceSnapshots
{
    public const string Parent = "Parent";

    private const string Suffix = "Resource";

    public static CustomResourceSnapshot Initial(IResource resource) => new()
    {
        ResourceType = TypeOf(resource),
        Properties = [],
        CreationTimeStamp = DateTime.UtcNow,
        Relationships = RelationshipsOf(resource),
        HealthReports =
        [
            .. resource.Annotations.OfType<HealthCheckAnnotation>()
                .Select(c => new HealthReportSnapshot(c.Key, null, null, null)),
        ],
    };

    /// <summary>Sets a property, or removes it if there is no value.</summary>
    public static CustomResourceSnapshot With(
        this CustomResourceSnapshot snapshot, string name, object? value, bool isSensitive = false)
    {
        var others = snapshot.Properties.RemoveAll(p => p.Name == name);
        return snapshot with
        {
            Properties = value is null ? others : others.Add(new(name, value) { IsSensitive = isSensitive }),
        };
    }

    /// <summary>It starts (again): nothing is left of an earlier life.</summary>
    public static CustomResourceSnapshot Restarted(CustomResourceSnapshot snapshot) =>
        snapshot.With(KnownProperties.WaitingFor, null) with
        {
            AwaitsReadyEvent = true,
            ExitCode = null,
            StartTimeStamp = null,
            StopTimeStamp = null,
            HealthReports = [.. snapshot.HealthReports.Select(r => new HealthReportSnapshot(r.Name, null, null, null))],
        };

    /// <summary>It runs as this process.</summary>
    public static CustomResourceSnapshot Started(
        CustomResourceSnapshot snapshot, IResource resource, ChildProcessStart start, int processId)
    {
        snapshot = snapshot
            .With(KnownProperties.ExecutablePath, start.Command)
            .With(KnownProperties.ExecutableWorkDir, start.WorkingDirectory)
            .With(KnownProperties.ExecutableArgs, string.Join(' ', start.Arguments), isSensitive: true)
            .With(KnownProperties.ExecutablePid, processId);
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
            snapshot = snapshot.With(KnownProperties.ProjectPath, project.ProjectPath)
                .With(KnownProperties.LaunchProfile, start.Environment.GetValueOrDefault("DOTNET_LAUNCH_PROFILE"));
        return snapshot with
        {
            EnvironmentVariables =
            [
                .. start.Environment.Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: true)),
            ],
        };
    }

    private static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        ConnectionStringParameterResource => "ConnectionString",
        ParameterResource => "Parameter",
        _ => WithoutSuffix(resource.GetType().Name),
    };

    private static string WithoutSuffix(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;

    private static ImmutableArray<RelationshipSnapshot> RelationshipsOf(IResource resource) =>
    [
        .. resource.Annotations.OfType<ResourceRelationshipAnnotation>()
            .Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type))
            .Concat(resource.Annotations.OfType<WaitAnnotation>().Select(w => new RelationshipSnapshot(w.Resource.Name, "WaitFor")))
            .Distinct(),
    ];
}

/// <summary>The names under which a dashboard looks for properties.</summary>
static class KnownProperties
{
    public const string ConnectionString = "resource.connectionString";
    public const string ExitCode = "resource.exitCode";
    public const string ParentName = "resource.parentName";
    public const string WaitingFor = "resource.waitingFor";
    public const string ExecutablePath = "executable.path";
    public const string ExecutableWorkDir = "executable.workDir";
    public const string ExecutableArgs = "executable.args";
    public const string ExecutablePid = "executable.pid";
    public const string ProjectPath = "project.path";
    public const string LaunchProfile = "project.launchProfile";
    public const string ParameterValue = "Value";
}
