namespace EtcdDr.HelpBuilder;

/// <summary>A section of a page.</summary>
/// <param name="Blocks">What stands before its first item.</param>
/// <param name="Items">Its items: parameters, examples, types.</param>
public sealed record HelpSection(IReadOnlyList<HelpBlock> Blocks, IReadOnlyList<HelpItem> Items);
