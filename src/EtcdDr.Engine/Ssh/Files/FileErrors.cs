using System.Net.Sockets;
using Renci.SshNet.Common;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>The ways in which remote files fail, in words.</summary>
internal static class FileErrors
{
    /// <summary>Whether an exception comes from SSH.NET or from its connection, rather than from the caller's own streams.</summary>
    public static bool Concerns(Exception failure) =>
        failure is SshException or SocketException or ObjectDisposedException or NotSupportedException;

    /// <summary>SFTP cannot work because the login shell writes into it.</summary>
    public static EtcdDrException ShellSpeaks(string host, string user, string said, Exception cause) =>
        new(
            "SftpUnavailable",
            EtcdDrErrorCategory.ResourceUnavailable,
            Errors.SftpUnavailable_Shell.With(host, user, said),
            Errors.SftpUnavailable_Shell_Action.With(host),
            host,
            cause
        );

    /// <summary>What it means.</summary>
    public static EtcdDrException Explain(Exception failure, string host, string path, bool writing) =>
        failure switch
        {
            SftpPathNotFoundException => new EtcdDrException(
                "RemotePathNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.RemotePathNotFound.With(host, path),
                Errors.RemotePathNotFound_Action,
                path,
                failure
            ),
            SftpPermissionDeniedException => new EtcdDrException(
                "RemotePermissionDenied",
                EtcdDrErrorCategory.PermissionDenied,
                writing ? Errors.RemotePermissionDenied_Write.With(host, path) : Errors.RemotePermissionDenied.With(host, path),
                Errors.RemotePermissionDenied_Action,
                path,
                failure
            ),
            SftpException or NotSupportedException when writing => new EtcdDrException(
                "RemoteWriteFailed",
                EtcdDrErrorCategory.WriteError,
                Errors.RemoteWriteFailed.With(host, path, failure.Message),
                Errors.RemoteWriteFailed_Action,
                path,
                failure
            ),
            SftpException or NotSupportedException => new EtcdDrException(
                "RemoteReadFailed",
                EtcdDrErrorCategory.ReadError,
                Errors.RemoteReadFailed.With(host, path, failure.Message),
                Errors.RemoteReadFailed_Action,
                path,
                failure
            ),
            _ => new EtcdDrException(
                "ConnectionLost",
                EtcdDrErrorCategory.ConnectionError,
                Errors.ConnectionLost_Sftp.With(host, path, failure.Message),
                Errors.ConnectionLost_Sftp_Action,
                host,
                failure
            ),
        };
}
