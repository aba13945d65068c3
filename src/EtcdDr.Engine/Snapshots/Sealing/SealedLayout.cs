using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>
/// How a sealed file is laid out: a header, then chunks, each with its tag. docs/sealed-format.md says it to the byte. The length of the
/// file alone tells how many chunks there are and which is the last; the tags say whether that is true.
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

    private static ReadOnlySpan<byte> BoundKeyPurpose => "EtcdDr sealed snapshot 3"u8;

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

        if (
            BinaryPrimitives.ReadUInt16LittleEndian(header[VersionOffset..]) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(header[ChunkLengthOffset..]) != ChunkLength
        )
        {
            return Errors.SnapshotAltered_SealedVersion_Part;
        }

        return Fits(KindOf(header), kind) && IdOf(header) == id ? null : Errors.SnapshotAltered_SealedOther_Part;
    }

    /// <summary>What a header says that its file is for.</summary>
    internal static SealedKind KindOf(ReadOnlySpan<byte> header) =>
        (SealedKind)BinaryPrimitives.ReadUInt16LittleEndian(header[KindOffset..]);

    /// <summary>The key of a file: every byte of its header takes part, and of one that a restore keeps its path.</summary>
    internal static byte[] FileKey(ReadOnlySpan<byte> snapshotKey, ReadOnlySpan<byte> header, string path) =>
        KindOf(header) == SealedKind.KeptAt
            ? Derive(snapshotKey, [.. KeyPurpose, .. header, .. SHA256.HashData(Encoding.UTF8.GetBytes(path))])
            : Derive(snapshotKey, [.. KeyPurpose, .. header]);

    /// <summary>The key that all file keys of a snapshot of format version 3 come from: what stands readable takes part.</summary>
    internal static byte[] BoundKey(ReadOnlySpan<byte> snapshotKey, SealedReadable readable) =>
        Derive(snapshotKey, [.. BoundKeyPurpose, .. readable.Hash()]);

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

    private static bool Fits(SealedKind found, SealedKind wanted) =>
        found == wanted || (wanted == SealedKind.KeptAt && found == SealedKind.Kept);

    private static byte[] Derive(ReadOnlySpan<byte> from, ReadOnlySpan<byte> info)
    {
        var key = new byte[KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, from, key, salt: [], info);
        return key;
    }
}
