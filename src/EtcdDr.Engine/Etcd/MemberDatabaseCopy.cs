using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd;

/// <summary>A member's database, copied while no etcd holds it, and proven: every page and record of it was read.</summary>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Length">Its length, bytes.</param>
/// <param name="Summary">What it holds.</param>
internal sealed record MemberDatabaseCopy(string Sha256, long Length, DatabaseSummary Summary)
{
    /// <summary>Copies and proves it.</summary>
    /// <param name="host">The node.</param>
    /// <param name="path">The file there.</param>
    /// <param name="into">An empty file that can be read too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DatabaseNotFound</c>, <c>DatabaseInUse</c>, <c>DatabaseDamaged</c> and the like.</exception>
    public static async Task<MemberDatabaseCopy> TakeAsync(
        IRemoteHost host,
        string path,
        FileStream into,
        CancellationToken cancellationToken
    )
    {
        var name = $"{path} on {host.Name}";
        var read = await host.ReadAsync(MemberDatabaseCommands.ReadWhole.With(path), into, cancellationToken);
        switch (read.ExitStatus)
        {
            case MemberDatabaseCommands.Missing:
                throw DatabaseErrors.NotFound(name, null);
            case MemberDatabaseCommands.InUse:
                throw new EtcdDrException(
                    "DatabaseInUse",
                    EtcdDrErrorCategory.ResourceBusy,
                    Errors.DatabaseInUse.With(host.Name, path),
                    Errors.DatabaseInUse_Action.With(path),
                    host.Name
                );
            default:
                break;
        }

        await into.FlushAsync(cancellationToken);
        into.Position = 0;
        var (sum, length) = await StreamPump.HashAsync(into, null, cancellationToken);
        using var database = EtcdDatabase.Open(FileSource.Of(name, into));
        var summary = await Task.Run(() => database.Summarize(0, cancellationToken), cancellationToken);
        return new MemberDatabaseCopy(sum, length, summary);
    }
}
