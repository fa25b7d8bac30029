using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Each of these tests runs the whole application: together they would only slow each other down.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: SupportedOSPlatform("linux")]
