using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace SdAspire.AppHost.Local;

/// <summary>What takes the containers' place in run mode.</summary>
static class LocalServices
{
    private const string Key = "Local:Services";
    private const string Processes = "process";
    private const string Containers = "container";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>In run mode, the broker of <c>ConnectionStrings__NAME</c>, or where no containers run, a private RabbitMQ.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> OrLocalBroker(
        this IResourceBuilder<RabbitMQServerResource> container) =>
        container.Or(
            builder => builder.AddLocalRabbitMQ(container.Resource),
            given => Uri.TryCreate(given, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps",
            "an AMQP URI");

    /// <summary>In run mode, the storage of <c>ConnectionStrings__NAME</c>, or where no containers run, a private ObjectStore.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> OrObjectStore(
        this IResourceBuilder<MinioContainerResource> container) =>
        container.Or(
            builder => builder.AddObjectStore(container.Resource),
            given => given.Contains("Endpoint=", StringComparison.OrdinalIgnoreCase),
            "Endpoint=http://HOST:PORT;AccessKey=…;SecretKey=…");

    private static IResourceBuilder<IResourceWithConnectionString> Or<T>(
        this IResourceBuilder<T> container,
        Func<IDistributedApplicationBuilder, IResourceBuilder<IResourceWithConnectionString>> addProcess,
        Func<string, bool> isValid,
        string form)
        where T : ContainerResource, IResourceWithConnectionString
    {
        var (builder, name) = (container.ApplicationBuilder, container.Resource.Name);
        if (builder.ExecutionContext.IsPublishMode) return container;

        var given = builder.Configuration.GetConnectionString(name);
        var isGiven = !string.IsNullOrWhiteSpace(given);
        // Without the text itself: it may hold a password.
        if (isGiven && !isValid(given!)) throw new DistributedApplicationException($"ConnectionStrings__{name} must be {form}.");
        if (!isGiven && builder.RunsContainers()) return container;

        builder.Resources.Remove(container.Resource);
        return isGiven ? builder.AddConnectionString(name) : addProcess(builder);
    }

    private static bool RunsContainers(this IDistributedApplicationBuilder builder)
    {
        // The stand-in for Aspire's packages runs processes only.
        var canRun = typeof(LocalServices).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Any(a => a is { Key: "UseAspirePackages", Value: "true" });
        // Asked once: the answer takes a moment, and all parts have to agree.
        var choice = builder.Configuration[Key] ??= canRun && RuntimeAnswers(builder.Configuration) ? Containers : Processes;
        return choice switch
        {
            Processes => false,
            Containers when canRun => true,
            Containers => throw new DistributedApplicationException(
                $"{Key} is '{Containers}', which takes the Aspire packages: build with -p:UseAspirePackages=true where the feed has them."),
            _ => throw new DistributedApplicationException($"{Key} is '{choice}': it must be '{Processes}' or '{Containers}'."),
        };
    }

    private static bool RuntimeAnswers(IConfiguration configuration)
    {
        var runtime = configuration["ASPIRE_CONTAINER_RUNTIME"] ?? "docker";
        try
        {
            using var info = Process.Start(
                new ProcessStartInfo(runtime, "info") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            info.OutputDataReceived += static (_, _) => { };
            info.ErrorDataReceived += static (_, _) => { };
            info.BeginOutputReadLine();
            info.BeginErrorReadLine();
            if (info.WaitForExit(Patience)) return info.ExitCode == 0;
            info.Kill();
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is not installed.
            return false;
        }
    }
}
