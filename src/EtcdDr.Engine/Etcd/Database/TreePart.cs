namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A part of a tree that one thread walks: a page with all below it, or some children of a branch page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Depth">Its distance from the root.</param>
/// <param name="Low">Keys below it are not less than this.</param>
/// <param name="High">Keys below it are less than this; null for no bound.</param>
/// <param name="From">First child that belongs to the part; -1 where the whole page does.</param>
/// <param name="To">The child after the last.</param>
internal sealed record TreePart(ulong Page, int Depth, byte[] Low, byte[]? High, int From = -1, int To = -1)
{
    /// <summary>The page itself, where it stands inside a bucket's value.</summary>
    internal byte[]? Inline { get; init; }

    /// <summary>A bucket's whole tree.</summary>
    internal static TreePart Of(Bucket bucket) => new(bucket.Root, 0, [], null) { Inline = bucket.InlinePage };
}
