using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>
/// What a sealed snapshot says without a key, so that it can be listed and kept for as long as it should be. Whoever may write to its place
/// can change it there; so from format version 3 on the keys depend on it, and of version 2 it is compared with the sealed manifest.
/// </summary>
/// <param name="Created">When it was taken, UTC.</param>
/// <param name="Label">The operator's words for it.</param>
/// <param name="Cluster">Name of its cluster in the profile.</param>
/// <param name="Tool">What wrote it.</param>
internal sealed record SealedReadable(DateTime Created, string? Label, string? Cluster, string? Tool)
{
    /// <summary>What a manifest says, the readable one or the sealed one.</summary>
    internal static SealedReadable Of(SnapshotManifest manifest) =>
        new(manifest.CreatedUtc, manifest.Label, manifest.Cluster, manifest.Tool);

    /// <summary>SHA-256 of the time and the texts, each with its length before it, so that no two different ones give the same
    /// bytes.</summary>
    internal byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(time, Created.Ticks - DateTime.UnixEpoch.Ticks);
        hash.AppendData(time);
        foreach (var text in (string?[])[Label, Cluster, Tool])
        {
            Append(hash, text);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The first thing that another one says otherwise: its name in the manifest, and what each says; null if they
    /// agree.</summary>
    internal (string Name, string Here, string There)? DifferenceTo(SealedReadable other) =>
        Created != other.Created ? ("created", Shown(Created), Shown(other.Created))
        : Label != other.Label ? ("label", Shown(Label), Shown(other.Label))
        : Cluster != other.Cluster ? ("cluster", Shown(Cluster), Shown(other.Cluster))
        : Tool != other.Tool ? ("tool", Shown(Tool), Shown(other.Tool))
        : null;

    private static void Append(IncrementalHash hash, string? text)
    {
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, text is null ? uint.MaxValue : (uint)bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static string Shown(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Shown(string? text) => text is null ? "nothing" : $"'{StorePath.Printable(text)}'";
}
