namespace EtcdDr.Engine.Operations;

/// <summary>What manifests and reports say that they were written by.</summary>
internal static class ToolName
{
    /// <summary>Name and version, for example <c>EtcdDr 0.1.0</c>.</summary>
    public static string Current { get; } = $"EtcdDr {typeof(ToolName).Assembly.GetName().Version?.ToString(3)}";
}
