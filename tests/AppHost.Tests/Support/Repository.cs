namespace SdAspire.AppHost.Tests.Support;

/// <summary>Where the repository's files are: the tests run from its build output.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string FetchRabbitMq => At("AppHost/Local/fetch-rabbitmq");

    public static string RabbitMq => At("AppHost/Local/rabbitmq");

    /// <summary>A Stable Diffusion 1.5 with random weights, small enough to paint in a second.</summary>
    public static string TinyModel => At("tests/fixtures/models/tiny-sd15");

    public static string At(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SdAspire.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not inside the repository.");
        return folder;
    }
}
