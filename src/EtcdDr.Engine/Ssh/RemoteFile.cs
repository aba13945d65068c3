namespace EtcdDr.Engine.Ssh;

/// <summary>A file or directory of a remote host.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Name">Last part of the path.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Mode">Unix permission bits.</param>
/// <param name="Modified">Time of the last change, UTC.</param>
public sealed record RemoteFile(string Path, string Name, bool IsDirectory, long Size, UnixFileMode Mode, DateTime Modified)
{
    /// <summary>Whether it is a symbolic link; the rest then describes what it leads to, or the link itself where it leads
    /// nowhere.</summary>
    public bool IsLink { get; init; }

    /// <summary>Where it really is, all links on the way resolved; null where that was not asked.</summary>
    public string? RealPath { get; init; }
}
