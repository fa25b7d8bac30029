using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Tests.Shared.Faults;

namespace SdAspire.Bench.Faults;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(FaultResult[]))]
internal sealed partial class FaultsJson : JsonSerializerContext;
