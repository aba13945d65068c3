namespace EtcdDr.Engine.Etcd.Database;

/// <summary>The keys that exist at a revision.</summary>
/// <param name="Index">Their latest records.</param>
/// <param name="Nameless">
/// Whether the nameless key is among them: the record without key and value by which <c>snapshot restore --bump-revision</c> raises the
/// revision.
/// </param>
internal sealed record LiveKeys(LiveIndex Index, bool Nameless)
{
    internal static LiveKeys None { get; } = new(new LiveIndex(0), false);

    /// <summary>Keys, with the nameless one.</summary>
    internal long All { get; } = Index.Count();

    /// <summary>Keys that have a name, which is all that clients see.</summary>
    internal long Named => All - (Nameless ? 1 : 0);
}
