using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Each of these tests runs a broker, and many of them workers too: together they would only slow each other down.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: SupportedOSPlatform("linux")]
