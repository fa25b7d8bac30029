using Microsoft.Extensions.Options;

namespace SdAspire.ObjectStore;

/// <summary>The configuration section <c>ObjectStore</c>, as variables <c>ObjectStore__DataPath</c> and so on.</summary>
public sealed class ObjectStoreOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "ObjectStore";

    /// <summary>The folder that holds everything: new, empty, or this server's own. Required.</summary>
    public string DataPath { get; set; } = "";

    /// <summary>The user name of the one account. Required.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>The account's password, at least 8 characters. Required.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>The region that clients sign for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>The largest object that is accepted.</summary>
    public long MaxObjectBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>After what time without a new part a multipart upload is given up and deleted.</summary>
    public TimeSpan AbandonedUploadsAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Takes what is not set from MinIO's variables, so that this server can stand where MinIO stood.</summary>
    internal void AddMinioAccount(IConfiguration configuration)
    {
        if (AccessKey.Length == 0) AccessKey = configuration["MINIO_ROOT_USER"] ?? "";
        if (SecretKey.Length == 0) SecretKey = configuration["MINIO_ROOT_PASSWORD"] ?? "";
    }
}

/// <summary>Checks the options at start; every message is one line and none repeats a value that may be a secret.</summary>
internal sealed class ObjectStoreOptionsValidator : IValidateOptions<ObjectStoreOptions>
{
    const int MinSecretLength = 8;

    static readonly TimeSpan MaxAbandonedUploadsAfter = TimeSpan.FromDays(366);

    public ValidateOptionsResult Validate(string? name, ObjectStoreOptions options)
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(options.DataPath)) faults.Add(Missing(nameof(options.DataPath)));
        if (string.IsNullOrEmpty(options.AccessKey)) faults.Add(Missing(nameof(options.AccessKey)));
        else if (options.AccessKey.Any(c => c is <= ' ' or > '~' or '/' or ',' or '='))
            faults.Add($"{Name(nameof(options.AccessKey))} must be ASCII without spaces, '/', ',' and '='");
        if (string.IsNullOrEmpty(options.SecretKey)) faults.Add(Missing(nameof(options.SecretKey)));
        else if (options.SecretKey.Length < MinSecretLength)
            faults.Add($"{Name(nameof(options.SecretKey))} must have at least {MinSecretLength} characters");
        if (options.Region.Length == 0 || !options.Region.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            faults.Add($"{Name(nameof(options.Region))} must be a region such as us-east-1");
        if (options.AbandonedUploadsAfter <= TimeSpan.Zero || options.AbandonedUploadsAfter > MaxAbandonedUploadsAfter)
            faults.Add($"{Name(nameof(options.AbandonedUploadsAfter))} must be positive and at most a year, such as 1.00:00:00");
        if (options.MaxObjectBytes <= 0) faults.Add($"{Name(nameof(options.MaxObjectBytes))} must be positive");
        return faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.Join("; ", faults));
    }

    static string Missing(string property) => $"{Name(property)} is missing";

    static string Name(string property) => $"{ObjectStoreOptions.Section}__{property}";
}
