using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// The few places where SSH.NET's public surface does not reach. The package's version is pinned, and tests would show at once if a member moved:
/// nothing here fails silently.
/// </summary>
internal static class SshNetInternals
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>Takes over a command's output before it runs, because its own streams hold everything that nobody has read yet.</summary>
    public static void RedirectOutput(SshCommand command, Stream output, Stream error)
    {
        var replaced = (command.OutputStream, command.ExtendedOutputStream);
        SetOutputStream(command, output);
        SetExtendedOutputStream(command, error);
        replaced.OutputStream.Dispose();
        replaced.ExtendedOutputStream.Dispose();
    }

    /// <summary>The TCP socket below a connected client.</summary>
    /// <exception cref="MissingMemberException">SSH.NET has changed inside.</exception>
    public static Socket SocketOf(BaseClient client)
    {
        var session = typeof(BaseClient).GetProperty("Session", Hidden)?.GetValue(client);
        var socket = session?.GetType().GetField("_socket", Hidden)?.GetValue(session) as Socket;
        return socket ?? throw new MissingMemberException("Renci.SshNet.Session", "_socket");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_OutputStream")]
    private static extern void SetOutputStream(SshCommand command, Stream stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ExtendedOutputStream")]
    private static extern void SetExtendedOutputStream(SshCommand command, Stream stream);
}
