using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// The few places where SSH.NET's public surface does not reach. The package's version is pinned, and tests would show at once if a member
/// moved: nothing here fails silently.
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

    /// <summary>Reports each channel that the server refuses to open, by the number of the reason (RFC 4254, 5.1). SSH.NET closes a
    /// forwarded connection without a word.</summary>
    /// <exception cref="MissingMemberException">SSH.NET has changed inside.</exception>
    public static void WatchRefusals(BaseClient client, Action<uint> refused) =>
        Listen(
            client,
            "ChannelOpenFailureReceived",
            new Listener(message => refused((uint)Member(message, "ReasonCode").GetValue(message)!))
        );

    /// <summary>
    /// Leaves out what comes on a connection's one channel before SFTP's first packet. That begins with its length, whose first byte is 0;
    /// text that a shell writes holds none.
    /// </summary>
    /// <exception cref="MissingMemberException">SSH.NET has changed inside.</exception>
    public static void DropForeword(SftpClient client)
    {
        var begun = false;
        Listen(
            client,
            "ChannelDataReceived",
            new Listener(message =>
            {
                if (begun)
                    return;

                var (offset, size) = (Member(message, "Offset"), Member(message, "Size"));
                var (from, length) = ((int)offset.GetValue(message)!, (int)size.GetValue(message)!);
                var at = ((byte[])Member(message, "Data").GetValue(message)!).AsSpan(from, length).IndexOf((byte)0);
                begun = at >= 0;
                var dropped = begun ? at : length;
                offset.SetValue(message, from + dropped);
                size.SetValue(message, length - dropped);
            })
        );
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
        typeof(BaseClient).GetProperty("Session", Hidden)?.GetValue(client)
        ?? throw new MissingMemberException("Renci.SshNet.BaseClient", "Session");

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_OutputStream")]
    private static extern void SetOutputStream(SshCommand command, Stream stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ExtendedOutputStream")]
    private static extern void SetExtendedOutputStream(SshCommand command, Stream stream);

    private static void Listen(BaseClient client, string name, Listener listener)
    {
        var session = SessionOf(client);
        var happening = session.GetType().GetEvent(name, Hidden);
        if (happening?.EventHandlerType is not { } handler || happening.GetAddMethod(nonPublic: true) is not { } add)
            throw new MissingMemberException("Renci.SshNet.Session", name);

        var arguments = handler.GetMethod("Invoke")!.GetParameters()[1].ParameterType;
        add.Invoke(session, [Listener.TakeMethod.MakeGenericMethod(arguments).CreateDelegate(handler, listener)]);
    }

    private static PropertyInfo Member(object message, string name) =>
        message.GetType().GetProperty(name, Hidden) ?? throw new MissingMemberException(message.GetType().FullName, name);

    // The types of the session's events are not public.
    private sealed class Listener(Action<object> heard)
    {
        public static MethodInfo TakeMethod { get; } = typeof(Listener).GetMethod(nameof(Take))!;

        public void Take<T>(object? sender, T e) => heard(Member(e!, "Message").GetValue(e)!);
    }
}
