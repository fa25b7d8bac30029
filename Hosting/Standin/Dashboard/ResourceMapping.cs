using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Google.Protobuf.WellKnownTypes;
using SdAspire.Hosting.ResourceService;
using Checked = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;
using CommandState = SdAspire.Hosting.ResourceService.ResourceCommandState;
using HealthReport = SdAspire.Hosting.ResourceService.HealthReport;
using Resource = SdAspire.Hosting.ResourceService.Resource;
using State = Aspire.Hosting.ApplicationModel.ResourceCommandState;

namespace Aspire.Hosting.Dashboard;

/// <summary>Says what is known of a resource in the dashboard's terms.</summary>
static class ResourceMapping
{
    public static WatchResourcesChange ToChange(ResourceEvent change) => change.IsGone
        ? new() { Delete = new() { ResourceName = change.ResourceId, ResourceType = change.Snapshot.ResourceType } }
        : new() { Upsert = ToResource(change) };

    public static Resource ToResource(ResourceEvent current)
    {
        var snapshot = current.Snapshot;
        var resource = new Resource
        {
            Name = current.ResourceId,
            DisplayName = current.Resource.Name,
            Uid = current.ResourceId,
            ResourceType = snapshot.ResourceType,
            IsHidden = snapshot.IsHidden,
        };
        if (snapshot.State is { } state)
        {
            resource.State = state.Text;
            if (state.Style is { } style) resource.StateStyle = style;
        }
        if (snapshot.CreationTimeStamp is { } created) resource.CreatedAt = ToTimestamp(created);
        if (snapshot.StartTimeStamp is { } started) resource.StartedAt = ToTimestamp(started);
        if (snapshot.StopTimeStamp is { } stopped) resource.StoppedAt = ToTimestamp(stopped);
        if (snapshot.ExitCode is { } exitCode)
            resource.Properties.Add(ToProperty(new(KnownProperties.ExitCode, exitCode)));
        resource.Properties.AddRange(snapshot.Properties.Select(ToProperty));
        if (snapshot.Relationships.FirstOrDefault(r => r.Type == ResourceSnapshots.Parent) is { } parent
            && snapshot.Properties.All(p => p.Name != KnownProperties.ParentName))
            resource.Properties.Add(ToProperty(new(KnownProperties.ParentName, parent.ResourceName)));
        resource.Relationships.AddRange(snapshot.Relationships.Select(
            r => new ResourceRelationship { ResourceName = r.ResourceName, Type = r.Type }));
        resource.Environment.AddRange(snapshot.EnvironmentVariables.Select(ToVariable));
        resource.Urls.AddRange(snapshot.Urls.Select(ToUrl));
        resource.HealthReports.AddRange(snapshot.HealthReports.Select(ToReport));
        resource.Commands.AddRange(snapshot.Commands.Select(ToCommand));
        return resource;
    }

    private static ResourceProperty ToProperty(ResourcePropertySnapshot property) =>
        new() { Name = property.Name, Value = ToValue(property.Value), IsSensitive = property.IsSensitive };

    private static EnvironmentVariable ToVariable(EnvironmentVariableSnapshot variable)
    {
        var mapped = new EnvironmentVariable { Name = variable.Name, IsFromSpec = variable.IsFromSpec };
        if (variable.Value is not null) mapped.Value = variable.Value;
        return mapped;
    }

    private static Url ToUrl(UrlSnapshot url)
    {
        var mapped = new Url
        {
            FullUrl = url.Url,
            IsInternal = url.IsInternal,
            IsInactive = url.IsInactive,
            DisplayProperties = new()
            {
                DisplayName = url.DisplayProperties.DisplayName,
                SortOrder = url.DisplayProperties.SortOrder,
            },
        };
        if (url.Name is not null) mapped.EndpointName = url.Name;
        return mapped;
    }

    private static HealthReport ToReport(HealthReportSnapshot report)
    {
        var mapped = new HealthReport
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
        };
        if (report.Status is { } status)
            mapped.Status = status switch
            {
                Checked.Healthy => HealthStatus.Healthy,
                Checked.Degraded => HealthStatus.Degraded,
                _ => HealthStatus.Unhealthy,
            };
        if (report.LastRunAt is { } at) mapped.LastRunAt = ToTimestamp(at);
        return mapped;
    }

    private static ResourceCommand ToCommand(ResourceCommandSnapshot command)
    {
        var mapped = new ResourceCommand
        {
            Name = command.Name,
            DisplayName = command.DisplayName,
            IsHighlighted = command.IsHighlighted,
            State = command.State switch
            {
                State.Enabled => CommandState.Enabled,
                State.Disabled => CommandState.Disabled,
                _ => CommandState.Hidden,
            },
        };
        if (command.DisplayDescription is { } description) mapped.DisplayDescription = description;
        if (command.ConfirmationMessage is { } confirmation) mapped.ConfirmationMessage = confirmation;
        if (command.IconName is { } icon) mapped.IconName = icon;
        return mapped;
    }

    private static Value ToValue(object? value) => value switch
    {
        null => Value.ForNull(),
        string text => Value.ForString(text),
        bool flag => Value.ForBool(flag),
        int number => Value.ForNumber(number),
        IEnumerable items => Value.ForList([.. items.Cast<object?>().Select(ToValue)]),
        _ => Value.ForString(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static Timestamp ToTimestamp(DateTime time) => Timestamp.FromDateTime(time.ToUniversalTime());
}
