namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>An object as it goes into another cluster.</summary>
/// <param name="Item">The object, without what the former cluster has set.</param>
/// <param name="Notes">What somebody should know of what was changed, as sentences.</param>
public sealed record CleanObject(KubeObject Item, IReadOnlyList<string> Notes);
