namespace EtcdDr.HelpBuilder;

/// <summary>A parameter, an example or a type.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Blocks">What is said of it.</param>
public sealed record HelpItem(string Title, IReadOnlyList<HelpBlock> Blocks);
