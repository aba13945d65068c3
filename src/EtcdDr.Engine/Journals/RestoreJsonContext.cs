using System.Text.Json.Serialization;

namespace EtcdDr.Engine.Journals;

/// <summary>How journals and reports are written as JSON.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RestoreJournal))]
[JsonSerializable(typeof(EtcdRestore))]
[JsonSerializable(typeof(RestorePlan))]
internal sealed partial class RestoreJsonContext : JsonSerializerContext { }
