namespace EtcdDr.HelpBuilder;

/// <summary>A place that makes an error.</summary>
/// <param name="Subject">The engine's folder, or <c>Cmdlets</c>.</param>
/// <param name="Id">Its ErrorId.</param>
/// <param name="Category">Its category, or categories.</param>
/// <param name="Owner">What the names of its texts begin with: its id.</param>
/// <param name="Words">Words that the place says itself instead of taking them from <c>Errors.resx</c>; empty as it should be.</param>
public sealed record ErrorEntry(string Subject, string Id, string Category, string Owner, string Words);
