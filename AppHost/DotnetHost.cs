namespace SdAspire.AppHost;

/// <summary>The program that runs .NET assemblies: the one that runs this.</summary>
static class DotnetHost
{
    public static string Path { get; } =
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (System.IO.Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}
