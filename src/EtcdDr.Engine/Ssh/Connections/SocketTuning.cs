using System.Net.Sockets;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// What SSH.NET leaves out on its sockets. Its keepalive message asks for no answer, so a peer that is gone shows only by TCP's own means,
/// which by default takes a quarter of an hour.
/// </summary>
internal static class SocketTuning
{
    private const int LostProbes = 3;
    private const int BufferSize = 4 * 1024 * 1024;

    // Linux: IPPROTO_TCP and TCP_USER_TIMEOUT (tcp(7)): how long sent data may stay without an acknowledgement, milliseconds.
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    /// <summary>Makes a dead peer show after about twice <paramref name="keepAlive"/>, and lets the windows grow for links with a long
    /// way.</summary>
    public static void Apply(Socket socket, TimeSpan keepAlive)
    {
        var seconds = Math.Max(1, (int)keepAlive.TotalSeconds);
        var probe = Math.Max(1, seconds / LostProbes);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, probe);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, LostProbes);
        socket.SendBufferSize = BufferSize;
        socket.ReceiveBufferSize = BufferSize;
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes(2000 * seconds));
    }
}
