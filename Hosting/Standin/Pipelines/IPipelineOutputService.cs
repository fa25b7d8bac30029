using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>Says where steps write what they publish.</summary>
[Experimental("ASPIREPIPELINES004", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IPipelineOutputService
{
    /// <summary>
    /// The folder for what is published. In the stand-in it lies aside until all steps are done, so that nothing is half-written.
    /// </summary>
    string GetOutputDirectory();

    /// <summary>The folder for what is published of one resource.</summary>
    string GetOutputDirectory(IResource resource);
}
