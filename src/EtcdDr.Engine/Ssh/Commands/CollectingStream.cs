using System.Security.Cryptography;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>Collects a command's output in memory up to a limit and remembers whether there was more.</summary>
internal sealed class CollectingStream : WriteOnlyStream
{
    private readonly object _lock = new();
    private readonly MemoryStream _bytes = new();
    private readonly int _limit;

    /// <summary>Creates a collector of at most <paramref name="limit"/> bytes.</summary>
    public CollectingStream(int limit) => _limit = limit;

    /// <summary>Whether more was written than the limit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>What was written, up to the limit. No other copy of it stays here, as it may be a key.</summary>
    public byte[] Take()
    {
        lock (_lock)
        {
            var taken = _bytes.ToArray();
            CryptographicOperations.ZeroMemory(_bytes.GetBuffer());
            _bytes.SetLength(0);
            return taken;
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_lock)
        {
            var room = _limit - (int)_bytes.Length;
            Overflowed |= buffer.Length > room;
            _bytes.Write(buffer[..Math.Min(room, buffer.Length)]);
        }
    }
}
