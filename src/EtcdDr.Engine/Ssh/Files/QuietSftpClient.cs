using EtcdDr.Engine.Ssh.Connections;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Files;

/// <summary>
/// An SFTP client that leaves out what a login shell writes (an <c>echo</c> in <c>.bashrc</c>) where sshd starts its SFTP server by the
/// shell: it would be taken for SFTP's first packet.
/// </summary>
internal sealed class QuietSftpClient : SftpClient
{
    /// <summary>Creates a client.</summary>
    public QuietSftpClient(ConnectionInfo info)
        : base(info) { }

    /// <inheritdoc/>
    protected override void OnConnected()
    {
        SshNetInternals.DropForeword(this);
        base.OnConnected();
    }
}
