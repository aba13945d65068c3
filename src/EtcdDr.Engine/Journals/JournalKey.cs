namespace EtcdDr.Engine.Journals;

/// <summary>A key or configuration file that is swapped.</summary>
/// <param name="LivePath">Where it lives on the node.</param>
/// <param name="Name">Its name among the staged and kept files of the restore.</param>
public sealed record JournalKey(string LivePath, string Name);
