namespace Aspire.Hosting;

/// <summary>How an application is made.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The AppHost's command line, which is part of the configuration.</summary>
    public string[]? Args { get; set; }

    /// <summary>The name of the AppHost's assembly; that of the program by default.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The folder of the AppHost's project.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Whether there is no dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>The name of the application on the dashboard.</summary>
    public string? DashboardApplicationName { get; set; }

    /// <summary>Whether the dashboard may be reached from other machines without encryption.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    /// <summary>Whether what the resources say goes to the AppHost's console, too. Here, it always does.</summary>
    public bool EnableResourceLogging { get; set; }
}
