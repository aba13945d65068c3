using System.Globalization;
using System.Text;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd;

/// <summary>The database file of a member, as it lies on its node: read, never written to, whether its etcd runs or not.</summary>
/// <param name="Path">The file on the node.</param>
/// <param name="Written">When it was last written to, UTC, by the node's clock.</param>
/// <param name="Tail">What its end tells; null where it cannot be read.</param>
/// <param name="Failure">Why not; null where it can.</param>
public sealed record MemberDatabase(string Path, DateTime Written, DatabaseTail? Tail, string? Failure)
{
    // A running etcd writes to the file between two readings: then the pages do not fit, and it is tried again.
    private const int Attempts = 3;

    /// <summary>The file of a data directory.</summary>
    public static string PathIn(string dataDirectory) => dataDirectory.TrimEnd('/') + "/member/snap/db";

    /// <summary>Reads the end of a database file.</summary>
    /// <param name="host">The node.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="EtcdDrException">The node does not answer.</exception>
    public static async Task<MemberDatabase?> ReadAsync(IRemoteHost host, string path, CancellationToken cancellationToken)
    {
        MemberDatabase? found = null;
        for (var attempt = 0; attempt < Attempts && found?.Tail is null; attempt++)
        {
            found = await TryAsync(host, path, cancellationToken);
            if (found is null)
            {
                return null;
            }
        }

        return found;
    }

    private static async Task<MemberDatabase?> TryAsync(IRemoteHost host, string path, CancellationToken cancellationToken)
    {
        if (await PartAsync(host, path, 0, DatabaseTailReader.Head, cancellationToken) is not var (length, written, head))
        {
            return null;
        }

        var reader = new DatabaseTailReader(
            $"{path} on {host.Name}",
            length,
            async (offset, count, ct) =>
                offset == 0 && count <= head.Length ? head : (await PartAsync(host, path, offset, count, ct))?.Bytes ?? []
        );
        try
        {
            return new MemberDatabase(path, written, await reader.ReadAsync(cancellationToken), null);
        }
        catch (EtcdDrException e) when (e.Category == EtcdDrErrorCategory.InvalidData)
        {
            return new MemberDatabase(path, written, null, e.Message);
        }
    }

    private static async Task<(long Length, DateTime Written, byte[] Bytes)?> PartAsync(
        IRemoteHost host,
        string path,
        long offset,
        int count,
        CancellationToken cancellationToken
    )
    {
        using var output = new MemoryStream();
        var skip = (offset / 1024).ToString(CultureInfo.InvariantCulture);
        var blocks = ((count + 1023) / 1024).ToString(CultureInfo.InvariantCulture);
        var result = await host.ReadAsync(MemberDatabaseCommands.ReadPart.With(path, skip, blocks), output, cancellationToken);
        if (result.ExitStatus == MemberDatabaseCommands.Missing)
        {
            return null;
        }

        var bytes = output.ToArray();
        var end = Array.IndexOf(bytes, (byte)'\n');
        var words = Encoding.ASCII.GetString(bytes, 0, Math.Max(end, 0)).Split(' ');
        return
            words.Length == 2
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (length, DateTime.UnixEpoch.AddSeconds(seconds), bytes[(end + 1)..])
            : throw DatabaseErrors.Damaged($"{path} on {host.Name}", Errors.DatabaseDamaged_PagesChanged_Part);
    }
}
