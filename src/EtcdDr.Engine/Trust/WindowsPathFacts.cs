namespace EtcdDr.Engine.Trust;

/// <summary>Who owns a file or directory on Windows, and who may do what with it.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Owner">Security identifier of the owner.</param>
/// <param name="Allowed">Entries that allow. Entries that deny are not looked at: they only take away.</param>
internal sealed record WindowsPathFacts(string Path, bool IsDirectory, string Owner, IReadOnlyList<AccessEntry> Allowed);
