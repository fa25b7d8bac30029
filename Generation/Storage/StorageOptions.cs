using System.ComponentModel.DataAnnotations;

namespace SdAspire.Generation;

/// <summary>Section <c>Storage</c>: what the connection string does not say.</summary>
public sealed class StorageOptions
{
    [Required]
    public string Bucket { get; set; } = "images";

    [Required]
    public string Region { get; set; } = "us-east-1";

    /// <summary>How many days pictures and records are kept; 0 for ever.</summary>
    [Range(0, MaxRetentionDays)]
    public int RetentionDays { get; set; }

    public const int MaxRetentionDays = 36_500;
}
