namespace EtcdDr.Engine.Trust;

/// <summary>Who owns a file, a directory or a link, and who may write to it.</summary>
/// <param name="Path">Absolute path without links before its last part.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">Id of the user that owns it.</param>
/// <param name="Mode">Permissions, with the sticky bit.</param>
/// <param name="ReadOnly">Whether it is on a file system that is mounted read-only, so that nobody here can write to it whatever the mode
/// says (secrets in a pod).</param>
internal sealed record PathFacts(string Path, PathKind Kind, uint Owner, UnixFileMode Mode, bool ReadOnly = false)
{
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Whether others than the owner may write to it.</summary>
    public bool IsOpen => Kind != PathKind.Link && !ReadOnly && (Mode & Others) != 0;

    /// <summary>Whether others may add names to it and cannot take away or replace those of the owner and of root (<c>/tmp</c>).</summary>
    public bool IsSticky => Kind == PathKind.Directory && (Mode & UnixFileMode.StickyBit) != 0;
}
