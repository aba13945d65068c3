using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;
using EtcdDr.Engine.Snapshots.Places.Objects;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Opens places.</summary>
public static class SnapshotStores
{
    /// <summary>Opens the store of a directory on this machine or on an SSH host (which is connected to), or of a prefix in a
    /// bucket.</summary>
    /// <param name="location">The directory or prefix.</param>
    /// <param name="ssh">How the host is reached; what the location itself says goes first. Null for defaults.</param>
    /// <param name="hosts">Connects to hosts.</param>
    /// <param name="context">The operation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<ISnapshotStore> OpenAsync(
        SnapshotLocation location,
        SshSettings? ssh,
        IRemoteHostFactory hosts,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(location);
        ArgumentNullException.ThrowIfNull(hosts);
        if (location.Bucket is { } address)
        {
            return ObjectStores.Open(address, location.Place ?? new PlaceSettings(), context);
        }

        if (location.Host is null)
        {
            return new LocalSnapshotStore(location.Path);
        }

        var host = await hosts.ConnectAsync(location.ComputerName!, location.Host, Settings(location, ssh), context, cancellationToken);
        try
        {
            return await SftpSnapshotStore.OpenAsync(host, location.Path, ownsHost: true, cancellationToken);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the store that is a snapshot's own directory; for a bare database file, the directory that it is in.</summary>
    public static Task<ISnapshotStore> OpenAsync(
        EtcdSnapshot snapshot,
        IRemoteHostFactory hosts,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var location = SnapshotLocation.Of(snapshot);
        return OpenAsync(
            snapshot.Format == SnapshotFormat.Database ? location.Parent : location,
            snapshot.Ssh,
            hosts,
            context,
            cancellationToken
        );
    }

    /// <summary>The settings for a location's host: user and port of the location before those of the settings.</summary>
    internal static SshSettings Settings(SnapshotLocation location, SshSettings? ssh)
    {
        var settings = ssh ?? new SshSettings();
        return settings with { User = location.User ?? settings.User, Port = location.Port ?? settings.Port };
    }
}
