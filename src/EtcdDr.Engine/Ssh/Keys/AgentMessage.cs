using System.Buffers.Binary;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>An agent's answer, read from its beginning on; whatever it holds, nothing beyond its end is read.</summary>
internal ref struct AgentMessage
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Takes an answer.</summary>
    public AgentMessage(byte[] message) => _rest = message;

    /// <summary>Takes the message's type.</summary>
    public void Expect(byte type)
    {
        if (Take(1)[0] is var actual && actual != type)
            throw new IOException(actual == 5 ? Errors.SshAgent_Refused_Part : Errors.SshAgent_Message_Part.With(actual));
    }

    /// <summary>Takes a number.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>Takes a string of bytes.</summary>
    public ReadOnlySpan<byte> ReadString() => Take(ReadUInt32());

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > _rest.Length)
            throw new IOException(Errors.SshAgent_TooShort_Part);

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
