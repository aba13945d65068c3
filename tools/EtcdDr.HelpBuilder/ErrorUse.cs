namespace EtcdDr.HelpBuilder;

/// <summary>A place that takes a text of <c>Errors.resx</c>.</summary>
/// <param name="Subject">The engine's folder, or <c>Cmdlets</c>.</param>
/// <param name="Name">The entry.</param>
/// <param name="Values">How many values fill it; null where it is taken as it stands.</param>
public sealed record ErrorUse(string Subject, string Name, int? Values);
