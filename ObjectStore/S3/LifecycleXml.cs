using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// A bucket's lifecycle in S3's XML: rules with a prefix that expire objects after days. What else S3 knows, such as tags and
/// transitions, is refused as not implemented: a rule that is half understood deletes the wrong objects.
/// </summary>
internal static class LifecycleXml
{
    const int MaxRules = 1000;
    const int MaxIdLength = 255;
    // Far beyond any use, and still a date.
    const int MaxDays = 1_000_000;

    static readonly XName Nil = XName.Get("nil", "http://www.w3.org/2001/XMLSchema-instance");

    /// <exception cref="S3Exception">MalformedXML, InvalidArgument or NotImplemented.</exception>
    public static IReadOnlyList<LifecycleRule> Parse(XElement? root)
    {
        if (root is not { Name.LocalName: "LifecycleConfiguration" }) throw S3Errors.MalformedXml.AsException();
        LifecycleRule[] rules = [.. Children(root).Select(Rule)];
        if (rules.Length is 0 or > MaxRules) throw S3Errors.MalformedXml.AsException();
        if (rules.DistinctBy(rule => rule.Id).Count() < rules.Length)
        {
            throw S3Errors.InvalidArgument("ID", "", "Rule ID must be unique. Found same ID for more than one rule.")
                .AsException();
        }
        return rules;
    }

    public static void Write(XmlWriter xml, IReadOnlyList<LifecycleRule> rules)
    {
        foreach (var rule in rules)
        {
            xml.WriteStartElement("Rule");
            xml.WriteElementString("ID", rule.Id);
            xml.WriteStartElement("Filter");
            xml.WriteElementString("Prefix", rule.Prefix);
            xml.WriteEndElement();
            xml.WriteElementString("Status", rule.Enabled ? "Enabled" : "Disabled");
            xml.WriteStartElement("Expiration");
            xml.WriteElementString("Days", rule.Days.ToString(CultureInfo.InvariantCulture));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
    }

    static LifecycleRule Rule(XElement element)
    {
        if (element.Name.LocalName != "Rule") throw S3Errors.MalformedXml.AsException();
        string? id = null, prefix = null, status = null;
        int? days = null;
        foreach (var child in Children(element))
        {
            switch (child.Name.LocalName)
            {
                case "ID": id = child.Value; break;
                case "Status": status = child.Value; break;
                // The form before filters, which clients still write.
                case "Prefix": prefix = prefix is null ? child.Value : throw S3Errors.MalformedXml.AsException(); break;
                case "Filter": prefix = prefix is null ? Filter(child) : throw S3Errors.MalformedXml.AsException(); break;
                case "Expiration": days = Days(child); break;
                default: throw S3Errors.NotImplemented($"The element {child.Name.LocalName}").AsException();
            }
        }
        if (prefix is null || days is null || status is not ("Enabled" or "Disabled")) throw S3Errors.MalformedXml.AsException();
        if (id is { Length: > MaxIdLength })
            throw S3Errors.InvalidArgument("ID", id, $"ID length should not exceed allowed limit of {MaxIdLength}").AsException();
        return new LifecycleRule(
            string.IsNullOrEmpty(id) ? Guid.CreateVersion7().ToString() : id, prefix, status == "Enabled", days.Value);
    }

    static string Filter(XElement filter) => Children(filter).ToArray() switch
    {
        [] => "",
        [{ Name.LocalName: "Prefix" } prefix] => prefix.Value,
        var others => throw S3Errors.NotImplemented($"The filter {others[^1].Name.LocalName}").AsException(),
    };

    static int Days(XElement expiration)
    {
        if (Children(expiration).ToArray() is not [{ Name.LocalName: "Days" } days])
        {
            throw Children(expiration).Any()
                ? S3Errors.NotImplemented("An expiration other than by days").AsException()
                : S3Errors.MalformedXml.AsException();
        }
        if (!int.TryParse(days.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw S3Errors.MalformedXml.AsException();
        return number is > 0 and <= MaxDays
            ? number
            : throw S3Errors.InvalidArgument("Days", days.Value, "'Days' for Expiration action must be a positive integer")
                .AsException();
    }

    // Serializers write what is not set as an element that says so.
    static IEnumerable<XElement> Children(XElement element) =>
        element.Elements().Where(child => child.Attribute(Nil)?.Value is not ("true" or "1"));
}
