using Renci.SshNet.Sftp;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>Permission bits of remote files.</summary>
internal static class FileModes
{
    /// <summary>The bits as .NET has them.</summary>
    public static UnixFileMode Of(SftpFileAttributes file) =>
        When(file.OwnerCanRead, UnixFileMode.UserRead)
        | When(file.OwnerCanWrite, UnixFileMode.UserWrite)
        | When(file.OwnerCanExecute, UnixFileMode.UserExecute)
        | When(file.GroupCanRead, UnixFileMode.GroupRead)
        | When(file.GroupCanWrite, UnixFileMode.GroupWrite)
        | When(file.GroupCanExecute, UnixFileMode.GroupExecute)
        | When(file.OthersCanRead, UnixFileMode.OtherRead)
        | When(file.OthersCanWrite, UnixFileMode.OtherWrite)
        | When(file.OthersCanExecute, UnixFileMode.OtherExecute)
        | When(file.IsUIDBitSet, UnixFileMode.SetUser)
        | When(file.IsGroupIDBitSet, UnixFileMode.SetGroup)
        | When(file.IsStickyBitSet, UnixFileMode.StickyBit);

    private static UnixFileMode When(bool set, UnixFileMode bit) => set ? bit : UnixFileMode.None;
}
