using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static partial class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a .NET project, with the endpoints and variables of its launch profile.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new()
    {
        var project = new TProject();
        return builder.AddProject(name, project, LaunchProfiles.Read(project.ProjectPath).Select(builder.Configuration));
    }

    /// <summary>Adds a .NET project, with the endpoints and variables of that launch profile, or of none.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        var project = new TProject();
        var profile = launchProfileName is null ? null : LaunchProfiles.Read(project.ProjectPath).Get(launchProfileName);
        return builder.AddProject(name, project, profile);
    }

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, LaunchProfile? profile)
    {
        var resource = builder.AddResource(new ProjectResource(name))
            .WithAnnotation(project)
            .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")
            .WithOtlpExporter();
        if (builder.ExecutionContext.IsPublishMode) return resource.InContainer(profile);

        resource.WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple")
            .WithEnvironment("DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION", "true");
        if (builder.Environment.IsDevelopment())
            resource.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true")
                .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true");
        resource.WithEnvironment(context =>
        {
            var urls = resource.Resource.GetEndpoints().Where(e => e.Scheme is "http" or "https")
                .Select(e => $"{e.Scheme}://{e.EndpointAnnotation.TargetHost}:{e.Port}");
            if (string.Join(';', urls) is { Length: > 0 } all) context.EnvironmentVariables["ASPNETCORE_URLS"] = all;
        });
        return profile is null ? resource : resource.WithLaunchProfile(profile);
    }

    private static IResourceBuilder<ProjectResource> WithLaunchProfile(
        this IResourceBuilder<ProjectResource> builder, LaunchProfile profile)
    {
        foreach (var url in profile.Urls)
            builder.WithEndpoint(url.Scheme, endpoint =>
            {
                endpoint.UriScheme = url.Scheme;
                endpoint.Port = url.Port;
                endpoint.TargetHost = url.Host;
            });
        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profile.Name);
            foreach (var (name, value) in profile.EnvironmentVariables)
                context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
        });
    }
}
