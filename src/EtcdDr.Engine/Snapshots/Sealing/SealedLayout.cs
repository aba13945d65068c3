using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>
/// How a sealed file is laid out: a header, then chunks, each with its tag. docs/sealed-format.md says it to the byte. The length of the file alone
/// tells how many chunks there are and which is the last; the tags say whether that is true.
/// </summary>
internal static class SealedLayout
{
    /// <summary>Length of the header.</summary>
    internal const int HeaderLength = 32;

    /// <summary>Plain bytes in every chunk but the last.</summary>
    internal const int ChunkLength = 64 * 1024;

    /// <summary>Length of the tag that follows a chunk.</summary>
    internal const int TagLength = 16;

    /// <summary>Length of the id of a file.</summary>
    internal const int IdLength = 16;

    /// <summary>Length of the snapshot key, and of the keys of files.</summary>
    internal const int KeyLength = 32;

    /// <summary>Length of what every chunk's tag covers beside the chunk.</summary>
    internal const int AssociatedLength = HeaderLength + sizeof(ulong) + 1;

    /// <summary>Length of a chunk's nonce.</summary>
    internal const int NonceLength = 12;

    private const int SealedChunkLength = ChunkLength + TagLength;
    private const ushort Version = 1;
    private const int VersionOffset = 8;
    private const int KindOffset = 10;
    private const int ChunkLengthOffset = 12;
    private const int IdOffset = 16;

    private static ReadOnlySpan<byte> Magic => "EtcdDrSF"u8;

    private static ReadOnlySpan<byte> KeyPurpose => "EtcdDr sealed file 1"u8;

    /// <summary>A new header with a random id.</summary>
    internal static byte[] NewHeader(SealedKind kind)
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(VersionOffset), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(KindOffset), (ushort)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(ChunkLengthOffset), ChunkLength);
        RandomNumberGenerator.Fill(header.AsSpan(IdOffset, IdLength));
        return header;
    }

    /// <summary>The file's id in lower-case hexadecimal: its name in the snapshot.</summary>
    internal static string IdOf(ReadOnlySpan<byte> header) => Convert.ToHexString(header.Slice(IdOffset, IdLength)).ToLowerInvariant();

    /// <summary>What is wrong with a header; null if it is that of the file that is wanted.</summary>
    internal static string? Fault(ReadOnlySpan<byte> header, SealedKind kind, string id)
    {
        if (header.Length < HeaderLength || !header.StartsWith(Magic))
        {
            return Errors.SnapshotAltered_SealedMagic_Part;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(header[VersionOffset..]) != Version || BinaryPrimitives.ReadUInt32LittleEndian(header[ChunkLengthOffset..]) != ChunkLength)
        {
            return Errors.SnapshotAltered_SealedVersion_Part;
        }

        return BinaryPrimitives.ReadUInt16LittleEndian(header[KindOffset..]) != (ushort)kind || IdOf(header) != id ? Errors.SnapshotAltered_SealedOther_Part : null;
    }

    /// <summary>The key of a file: every byte of its header takes part.</summary>
    internal static byte[] FileKey(ReadOnlySpan<byte> snapshotKey, ReadOnlySpan<byte> header)
    {
        Span<byte> info = stackalloc byte[KeyPurpose.Length + HeaderLength];
        KeyPurpose.CopyTo(info);
        header.CopyTo(info[KeyPurpose.Length..]);
        var key = new byte[KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, snapshotKey, key, salt: [], info);
        return key;
    }

    /// <summary>The nonce of a chunk; a key seals one file, so its chunks' numbers never come twice.</summary>
    internal static void Nonce(Span<byte> nonce, long chunk)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, (ulong)chunk);
    }

    /// <summary>What a chunk's tag covers beside the chunk: the header, the chunk's number, and whether it is the last.</summary>
    internal static void Associated(Span<byte> associated, ReadOnlySpan<byte> header, long chunk, bool last)
    {
        header.CopyTo(associated);
        BinaryPrimitives.WriteUInt64LittleEndian(associated[HeaderLength..], (ulong)chunk);
        associated[^1] = last ? (byte)1 : (byte)0;
    }

    /// <summary>How long a file is when it is sealed.</summary>
    internal static long SealedLength(long plain) => HeaderLength + plain + (Chunks(plain) * TagLength);

    /// <summary>How many plain bytes a sealed file of a length holds; -1 if no sealed file has that length.</summary>
    internal static long PlainLength(long length)
    {
        var body = length - HeaderLength;
        if (body < TagLength)
        {
            return -1;
        }

        var chunks = ((body - 1) / SealedChunkLength) + 1;
        var plain = body - (chunks * TagLength);
        return plain >= 0 && Chunks(plain) == chunks ? plain : -1;
    }

    /// <summary>How many chunks hold so many plain bytes; an empty file has one, for its tag.</summary>
    internal static long Chunks(long plain) => plain == 0 ? 1 : ((plain - 1) / ChunkLength) + 1;

    /// <summary>Where a chunk begins in the sealed file.</summary>
    internal static long OffsetOf(long chunk) => HeaderLength + (chunk * SealedChunkLength);
}
