using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Tells what becomes of a resource: on the console, in its log, and to those who watch.</summary>
sealed class ResourceReporter(ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceConsole console)
{
    public Task StateAsync(
        IResource resource,
        ResourceStateSnapshot state,
        string detail = "",
        Func<CustomResourceSnapshot, CustomResourceSnapshot>? more = null)
    {
        var isActive = state.Text == KnownResourceStates.Running;
        Say(resource, state.Text + detail, state.Style == KnownResourceStateStyles.Error);
        return notifications.PublishUpdateAsync(resource, s => (more?.Invoke(s) ?? s) with
        {
            State = state,
            IsHidden = IsHidden(resource),
            Urls = ResourceUrls.Of(resource, isActive),
        });
    }

    /// <summary>What the application says about the resource.</summary>
    public void Say(IResource resource, string text, bool isError = false)
    {
        if (!IsHidden(resource)) console.WriteState(resource.Name, text);
        loggers.Write(resource.Name, $"-- {text}", isError);
    }

    /// <summary>What the resource says itself.</summary>
    public void Output(IResource resource, string line, bool isError)
    {
        console.WriteLine(resource.Name, line);
        loggers.Write(resource.Name, line, isError);
    }

    private static bool IsHidden(IResource resource) => resource.Annotations.OfType<HiddenAnnotation>().Any();
}

/// <summary>The resource is not one of the user's.</summary>
sealed class HiddenAnnotation : IResourceAnnotation;
