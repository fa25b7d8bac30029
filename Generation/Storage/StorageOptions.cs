using System.ComponentModel.DataAnnotations;

namespace SdAspire.Generation;

/// <summary>Section <c>Storage</c>: what the connection string does not say.</summary>
public sealed class StorageOptions
{
    [Required]
    public string Bucket { get; set; } = "images";

    [Required]
    public string Region { get; set; } = "us-east-1";
}
