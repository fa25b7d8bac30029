using System.Runtime.Versioning;

// What is measured here is told from /proc.
[assembly: SupportedOSPlatform("linux")]
