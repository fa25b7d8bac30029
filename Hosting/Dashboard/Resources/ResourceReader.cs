using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using SdAspire.Hosting.ResourceService;

namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>Makes of what an AppHost tells what pages show.</summary>
internal static partial class ResourceReader
{
    private const string ParentProperty = "resource.parentName";

    public static ResourceInfo Read(Resource sent) => new()
    {
        Name = sent.Name,
        DisplayName = sent.DisplayName.Length > 0 ? sent.DisplayName : sent.Name,
        Type = sent.ResourceType,
        Uid = sent.Uid,
        State = sent.HasState ? sent.State : null,
        StateStyle = sent.StateStyle switch
        {
            "success" => ResourceStateStyle.Success,
            "info" => ResourceStateStyle.Info,
            "warning" => ResourceStateStyle.Warning,
            "error" => ResourceStateStyle.Error,
            _ => ResourceStateStyle.None,
        },
        Health = HealthOf(sent),
        CreatedAt = sent.CreatedAt?.ToDateTimeOffset(),
        StartedAt = sent.StartedAt?.ToDateTimeOffset(),
        StoppedAt = sent.StoppedAt?.ToDateTimeOffset(),
        ParentName = ParentOf(sent),
        IsHidden = sent.IsHidden || sent.State == "Hidden",
        Urls = [.. sent.Urls.OrderByDescending(url => url.DisplayProperties?.SortOrder ?? 0).Select(Read)],
        Environment = [.. sent.Environment.OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase).Select(Read)],
        Commands = [.. sent.Commands.Where(command => command.State != ResourceCommandState.Hidden).Select(Read)],
        Properties = [.. sent.Properties.Select(Read)],
        HealthReports = [.. sent.HealthReports.Select(Read)],
    };

    /// <summary>Whether a value is to be masked: its name says so, or it is an address with a password.</summary>
    public static bool IsSensitive(string name, string? value) =>
        SecretName.IsMatch(name) || (value is not null && (UserInfo.IsMatch(value) || SecretPart.IsMatch(value)));

    // Whole words, so that a Monkey keeps no secret; between underscores, dots and humps.
    [GeneratedRegex(
        "passw(or)?d|passphrase|secret|token|credential|connectionstring|api_?key"
        + "|(^|[_.:-])(pwd|pass|key|keys|pat)($|[_.:-])|(?-i:[a-z]Keys?($|[^a-z]))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName { get; }

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://[^/\s@]+@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo { get; }

    // As in connection strings and in the headers of an exporter.
    [GeneratedRegex(
        @"(^|[;,\s?&])[^=;,\s]*(password|pwd|secret|key|token|authorization)\s*=\s*\S",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretPart { get; }

    private static ResourceHealth HealthOf(Resource sent)
    {
        if (sent.State is not ("Running" or "RuntimeUnhealthy")) return ResourceHealth.Unknown;
        return sent.HealthReports.Select(report => Read(report).Status ?? ResourceHealth.Unhealthy)
            .DefaultIfEmpty(ResourceHealth.Healthy).Max();
    }

    private static string? ParentOf(Resource sent)
    {
        var name = sent.Relationships.FirstOrDefault(related => related.Type == "Parent")?.ResourceName
            ?? sent.Properties.FirstOrDefault(property => property.Name == ParentProperty)?.Value?.StringValue;
        return string.IsNullOrEmpty(name) || name == sent.Name ? null : name;
    }

    private static ResourceUrl Read(Url sent) => new(
        sent.FullUrl,
        sent.DisplayProperties is { DisplayName.Length: > 0 } display ? display.DisplayName : sent.FullUrl,
        sent.HasEndpointName ? sent.EndpointName : null, sent.IsInternal, !sent.IsInactive);

    private static EnvironmentVariableInfo Read(EnvironmentVariable sent)
    {
        var value = sent.HasValue ? sent.Value : null;
        return new EnvironmentVariableInfo(sent.Name, value, sent.IsFromSpec, IsSensitive(sent.Name, value));
    }

    private static CommandInfo Read(ResourceCommand sent) => new(
        sent.Name,
        sent.DisplayName.Length > 0 ? sent.DisplayName : sent.Name,
        sent.HasDisplayDescription ? sent.DisplayDescription : null,
        sent.HasConfirmationMessage ? sent.ConfirmationMessage : null,
        sent.HasIconName ? sent.IconName : null,
        sent.IsHighlighted, sent.State == ResourceCommandState.Enabled);

    private static ResourcePropertyInfo Read(ResourceProperty sent)
    {
        var value = Text(sent.Value);
        return new ResourcePropertyInfo(
            sent.Name, sent.HasDisplayName ? sent.DisplayName : sent.Name, value,
            sent.IsSensitive || IsSensitive(sent.Name, value));
    }

    private static HealthReportInfo Read(HealthReport sent) => new(
        sent.Key,
        !sent.HasStatus ? null : sent.Status switch
        {
            HealthStatus.Healthy => ResourceHealth.Healthy,
            HealthStatus.Degraded => ResourceHealth.Degraded,
            _ => ResourceHealth.Unhealthy,
        },
        sent.Description, sent.Exception, sent.LastRunAt?.ToDateTimeOffset());

    private static string Text(Value? value) => value?.KindCase switch
    {
        null or Value.KindOneofCase.None or Value.KindOneofCase.NullValue => "",
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.ListValue => string.Join(' ', value.ListValue.Values.Select(Text)),
        Value.KindOneofCase.NumberValue => value.NumberValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        _ => value.StructValue.ToString(),
    };
}
