namespace EtcdDr.Engine.Reports.Html;

/// <summary>A figure that people look for first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Explanation">What it means, in a few words.</param>
/// <param name="Tone">How good it is.</param>
internal sealed record Figure(string Name, string Value, string? Explanation = null, Tone Tone = Tone.Plain);
