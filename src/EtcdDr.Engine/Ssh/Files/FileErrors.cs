using System.Net.Sockets;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>The ways in which remote files fail, in words.</summary>
internal static class FileErrors
{
    /// <summary>Whether an exception comes from SSH.NET or from its connection, rather than from the caller's own streams.</summary>
    public static bool Concerns(Exception failure) => failure is SshException or SocketException or ObjectDisposedException or NotSupportedException;

    /// <summary>What it means.</summary>
    public static EtcdDrException Explain(Exception failure, string host, string path, bool writing) => failure switch
    {
        SftpPathNotFoundException => new EtcdDrException(
            "RemotePathNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            $"{host}:{path} is not there.",
            "Check the path and the directory above it.",
            path,
            failure),
        SftpPermissionDeniedException => new EtcdDrException(
            "RemotePermissionDenied",
            EtcdDrErrorCategory.PermissionDenied,
            $"{host}:{path} may not be {(writing ? "written" : "read")} by this account.",
            "Use another account or directory, or change the owner there.",
            path,
            failure),
        SftpException or NotSupportedException => new EtcdDrException(
            writing ? "RemoteWriteFailed" : "RemoteReadFailed",
            writing ? EtcdDrErrorCategory.WriteError : EtcdDrErrorCategory.ReadError,
            $"{(writing ? "Writing" : "Reading")} {host}:{path} failed: {failure.Message}",
            "SFTP says little about causes: look at free space, quota and the file system of that place.",
            path,
            failure),
        _ => new EtcdDrException(
            "ConnectionLost",
            EtcdDrErrorCategory.ConnectionError,
            $"The SFTP connection to {host} broke at {path}: {failure.Message}",
            "See whether the host is up and reachable, then run the operation again; what is already there is used.",
            host,
            failure),
    };
}
