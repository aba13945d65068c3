namespace EtcdDr.HelpBuilder;

/// <summary>A place that makes an error.</summary>
/// <param name="Subject">The engine's folder, or <c>Cmdlets</c>.</param>
/// <param name="Id">Its ErrorId.</param>
/// <param name="Category">Its category, or categories.</param>
/// <param name="Message">Its message, with names in braces for what is filled in.</param>
/// <param name="Action">What it recommends.</param>
public sealed record ErrorEntry(string Subject, string Id, string Category, string Message, string Action);
