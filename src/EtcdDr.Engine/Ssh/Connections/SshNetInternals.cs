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

    /// <summary>Tells of each channel that the server refuses to open, by the number of the reason (RFC 4254, 5.1). SSH.NET closes a forwarded connection without a word.</summary>
    /// <exception cref="MissingMemberException">SSH.NET has changed inside.</exception>
    public static void WatchRefusals(BaseClient client, Action<uint> refused)
    {
        var session = SessionOf(client);
        var refusals = session.GetType().GetEvent("ChannelOpenFailureReceived", Hidden);
        if (refusals?.EventHandlerType is not { } handler || refusals.GetAddMethod(nonPublic: true) is not { } add)
            throw new MissingMemberException("Renci.SshNet.Session", "ChannelOpenFailureReceived");

        var arguments = handler.GetMethod("Invoke")!.GetParameters()[1].ParameterType;
        add.Invoke(session, [RefusalListener.TakeMethod.MakeGenericMethod(arguments).CreateDelegate(handler, new RefusalListener(refused))]);
    }

    /// <summary>The TCP socket below a connected client.</summary>
    /// <exception cref="MissingMemberException">SSH.NET has changed inside.</exception>
    public static Socket SocketOf(BaseClient client)
    {
        var session = SessionOf(client);
        var socket = session.GetType().GetField("_socket", Hidden)?.GetValue(session) as Socket;
        return socket ?? throw new MissingMemberException("Renci.SshNet.Session", "_socket");
    }

    private static object SessionOf(BaseClient client) =>
        typeof(BaseClient).GetProperty("Session", Hidden)?.GetValue(client) ?? throw new MissingMemberException("Renci.SshNet.BaseClient", "Session");

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_OutputStream")]
    private static extern void SetOutputStream(SshCommand command, Stream stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ExtendedOutputStream")]
    private static extern void SetExtendedOutputStream(SshCommand command, Stream stream);

    // The event's own type of arguments is not public.
    private sealed class RefusalListener(Action<uint> refused)
    {
        public static MethodInfo TakeMethod { get; } = typeof(RefusalListener).GetMethod(nameof(Take))!;

        public void Take<T>(object? sender, T e)
        {
            var message = typeof(T).GetProperty("Message", Hidden)?.GetValue(e);
            if (message?.GetType().GetProperty("ReasonCode", Hidden)?.GetValue(message) is uint reason)
                refused(reason);
        }
    }
}
