using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>The names of the steps that every pipeline has.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class WellKnownPipelineSteps
{
    /// <summary>Comes before the application starts or is published.</summary>
    public const string BeforeStart = "before-start";

    /// <summary>Gives every resource a place to run.</summary>
    public const string ValidateComputeEnvironments = "validate-compute-environments";

    /// <summary>Looks at the parameters.</summary>
    public const string ProcessParameters = "process-parameters";

    /// <summary>Comes before whatever publishes.</summary>
    public const string PublishPrereq = "publish-prereq";

    /// <summary>Comes after whatever publishes.</summary>
    public const string Publish = "publish";
}
