namespace SdAspire.AppHost;

/// <summary>The last image of MinIO: its repository is archived, and its images are gone from Docker Hub.</summary>
static class MinioImage
{
    public const string Registry = "quay.io";
    public const string Repository = "minio/minio";
    public const string Tag = "RELEASE.2025-09-07T16-13-09Z";

    public static string Reference => $"{Registry}/{Repository}:{Tag}";
}
