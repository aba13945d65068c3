using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// The reader of databases. Half of the inputs are read as <c>Test-EtcdSnapshot</c> does: the SHA-256 that etcd appended goes first, and
/// nothing changed may pass. The other half are read without it, as a file of a data directory is: whatever they hold, there must be an
/// answer or a clear error. In some of these the meta pages' own checksums are made right again, so that the changes behind them are
/// reached.
/// </summary>
public sealed class DatabaseTarget : IFuzzTarget
{
    private readonly byte[][] _originals;
    private readonly DatabaseSummary[] _summaries;

    public DatabaseTarget(IEnumerable<byte[]> originals)
    {
        _originals = [.. originals];
        _summaries = [.. _originals.Select(o => Read(o, CancellationToken.None))];
    }

    /// <inheritdoc/>
    public string Name => "database";

    /// <inheritdoc/>
    public FuzzVerdict Try(Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(random);
        var which = random.Next(_originals.Length);
        var original = _originals[which];
        var bytes = Mutation.Apply(original, random, _summaries[which].PageSize);
        var changed = !bytes.AsSpan().SequenceEqual(original);
        var summed = random.Next(2) == 0;
        if (!summed && random.Next(2) == 0)
        {
            RepairMeta(bytes, _summaries[which].PageSize);
        }

        if (summed && !TrailerAgrees(bytes))
        {
            return changed ? FuzzVerdict.Refused : throw new InvalidOperationException("An input that was not changed has another sum.");
        }

        try
        {
            var read = Read(bytes, cancellationToken);
            var equal = Same(read, _summaries[which]);
            return equal ? FuzzVerdict.Equal
                : summed ? FuzzVerdict.AcceptedChanged
                : FuzzVerdict.Different;
        }
        catch (EtcdDrException)
        {
            // A clear error is one of the two right answers.
            return FuzzVerdict.Refused;
        }
    }

    private static DatabaseSummary Read(byte[] bytes, CancellationToken cancellationToken)
    {
        using var database = EtcdDatabase.Open(new MemorySource(bytes));
        var summary = database.Summarize(0, cancellationToken);
        var keys = 0L;
        database.ForEachLiveKey(
            (in MvccRecord record) =>
            {
                keys++;
                return true;
            },
            cancellationToken
        );
        return keys == summary.LiveKeys
            ? summary
            : throw new InvalidOperationException($"{keys} keys were listed and {summary.LiveKeys} counted.");
    }

    // What stands for the content: the hashes and counts over all of it.
    private static bool Same(DatabaseSummary a, DatabaseSummary b) =>
        a.SnapshotHash == b.SnapshotHash
        && a.HashKv == b.HashKv
        && a.LiveKeys == b.LiveKeys
        && a.Revision == b.Revision
        && a.Entries == b.Entries;

    private static bool TrailerAgrees(byte[] bytes) =>
        bytes.Length % 512 == 32
        && SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - 32));

    private static void RepairMeta(byte[] bytes, int pageSize)
    {
        for (var at = MetaPage.HeaderLength; at <= pageSize + MetaPage.HeaderLength; at += pageSize)
        {
            if (at + 64 <= bytes.Length)
            {
                var body = bytes.AsSpan(at, 64);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(body[56..], MetaPage.Fnv1A(body[..56]));
            }
        }
    }
}
