namespace EtcdDr.Engine.Etcd.Members;

/// <summary>A file that a node gets, for its eyes only.</summary>
/// <param name="Path">Where it belongs.</param>
/// <param name="Content">What is in it.</param>
internal sealed record MemberFile(string Path, byte[] Content)
{
    /// <summary>A name for it in one directory with others.</summary>
    public string Name => Path.TrimStart('/').Replace('/', '_');
}
