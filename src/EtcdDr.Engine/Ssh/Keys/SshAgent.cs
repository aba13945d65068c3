using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using EtcdDr.Engine.Ssh.Config;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>Speaks to an ssh-agent over its Unix socket (draft-miller-ssh-agent). Each request has a connection of its own, as agents
/// expect.</summary>
internal sealed class SshAgent
{
    /// <summary>Asks for an RSA signature with SHA-512 (SSH_AGENT_RSA_SHA2_512).</summary>
    public const uint RsaSha512 = 4;

    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const int MaxAnswer = 256 * 1024;

    // An agent may ask its user to confirm, or a token to be touched.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PipeLimit = TimeSpan.FromSeconds(2);

    // unix(7): 108 bytes with the closing NUL; macOS has 104.
    private const int AddressLimit = 104;

    private readonly string _socket;

    /// <summary>An agent at a socket; nothing is asked yet.</summary>
    public SshAgent(string socket) => _socket = socket;

    /// <summary>The public keys that the agent holds, with their comments.</summary>
    /// <exception cref="IOException">The agent's answer makes no sense, or there was none.</exception>
    /// <exception cref="SocketException">Nobody listens at the socket.</exception>
    public List<(byte[] PublicKey, string Comment)> List()
    {
        var answer = new AgentMessage(Ask([RequestIdentities]));
        answer.Expect(IdentitiesAnswer);
        var count = answer.ReadUInt32();
        var keys = new List<(byte[], string)>();
        for (var i = 0; i < count; i++)
            keys.Add((answer.ReadString().ToArray(), Encoding.UTF8.GetString(answer.ReadString())));

        return keys;
    }

    /// <summary>Has data signed: SSH's encoding of algorithm and signature.</summary>
    /// <exception cref="IOException">The agent refused or its answer makes no sense.</exception>
    public byte[] Sign(byte[] publicKey, byte[] data, uint flags)
    {
        using var request = new MemoryStream();
        request.WriteByte(SignRequest);
        WriteString(request, publicKey);
        WriteString(request, data);
        WriteUInt32(request, flags);
        var answer = new AgentMessage(Ask(request.ToArray()));
        answer.Expect(SignResponse);
        return answer.ReadString().ToArray();
    }

    private static void WriteString(Stream stream, byte[] bytes)
    {
        WriteUInt32(stream, (uint)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }

    // To a socket whose path is longer than an address may be leads a link in a directory that is this user's alone.
    private void Connect(Socket socket)
    {
        if (Encoding.UTF8.GetByteCount(_socket) < AddressLimit)
        {
            socket.Connect(new UnixDomainSocketEndPoint(_socket));
            return;
        }

        var directory = Directory.CreateTempSubdirectory("etcddr-agent-");
        try
        {
            var link = Path.Combine(directory.FullName, "s");
            File.CreateSymbolicLink(link, Path.GetFullPath(_socket));
            socket.Connect(new UnixDomainSocketEndPoint(link));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // OpenSSH for Windows has its agent behind a named pipe. A pipe knows no time limits of its own.
    private NamedPipeClientStream Pipe()
    {
        var pipe = new NamedPipeClientStream(".", _socket[SystemPlaces.PipePrefix.Length..], PipeDirection.InOut);
        try
        {
            pipe.Connect(PipeLimit);
            return pipe;
        }
        catch (Exception e) when (e is TimeoutException or UnauthorizedAccessException)
        {
            pipe.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }

    private NetworkStream UnixSocket()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Connect(socket);
            socket.SendTimeout = socket.ReceiveTimeout = (int)AnswerLimit.TotalMilliseconds;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private byte[] Ask(byte[] request)
    {
        using Stream stream = _socket.StartsWith(SystemPlaces.PipePrefix, StringComparison.Ordinal) ? Pipe() : UnixSocket();
        WriteString(stream, request);
        var length = new byte[4];
        stream.ReadExactly(length);
        var size = BinaryPrimitives.ReadUInt32BigEndian(length);
        if (size is 0 or > MaxAnswer)
            throw new IOException(Errors.SshAgent_TooLong_Part.With(size));

        var answer = new byte[size];
        stream.ReadExactly(answer);
        return answer;
    }
}
