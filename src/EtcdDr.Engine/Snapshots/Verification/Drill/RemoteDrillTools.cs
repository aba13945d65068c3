using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The programs that a drill on a node runs: both of one minor version, which is the snapshot's where that is known.</summary>
/// <param name="Server">etcd on the node.</param>
/// <param name="Restore">etcdutl or etcdctl there.</param>
/// <param name="Endpoint">The container runtime's endpoint; empty for crictl's own.</param>
/// <param name="WhyNoJail">Why the node cannot run them as a user of their own; null where it can.</param>
internal sealed record RemoteDrillTools(EtcdProgram Server, EtcdProgram Restore, string Endpoint, string? WhyNoJail)
{
    /// <summary>Looks for them on a node.</summary>
    /// <param name="host">The node.</param>
    /// <param name="etcdVersion">Version of the etcd that wrote the snapshot; null where it is not known.</param>
    /// <param name="directory">A directory there, or a restore tool, to look at first; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DrillToolMissing</c>.</exception>
    internal static async Task<RemoteDrillTools> FindAsync(
        IRemoteHost host,
        string? etcdVersion,
        string? directory,
        CancellationToken cancellationToken
    )
    {
        var reading = await ReadAsync(host, cancellationToken);
        return await FindAsync(host, reading, etcdVersion, directory, cancellationToken);
    }

    /// <summary>What its static pods tell of a node; null for a worker, which has none: there, only what the profile names and what root's
    /// path has can be had.</summary>
    internal static async Task<NodeReading?> ReadAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var read = await host.RunAsync(NodeCommands.Read, cancellationToken);
        return read.ExitStatus == 0 ? NodeReading.Parse(host.Name, read.Text, read.ExitStatus) : null;
    }

    /// <summary>The same of a node that was read already.</summary>
    /// <param name="host">The node.</param>
    /// <param name="reading">What was read; null for a worker.</param>
    /// <param name="etcdVersion">Version of the etcd that wrote the snapshot; null where it is not known.</param>
    /// <param name="directory">A directory there, or a restore tool, to look at first; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DrillToolMissing</c>.</exception>
    internal static async Task<RemoteDrillTools> FindAsync(
        IRemoteHost host,
        NodeReading? reading,
        string? etcdVersion,
        string? directory,
        CancellationToken cancellationToken
    )
    {
        var endpoint = reading?.RuntimeEndpoint ?? string.Empty;
        var there = await NodePrograms.ReadAsync(
            host,
            reading?.Manifests.Etcd?.Manifest,
            reading?.EtcdContainer,
            endpoint,
            directory,
            cancellationToken
        );
        var wanted = etcdVersion is null ? null : EtcdVersions.Minor(etcdVersion);
        var servers = there.Programs.Where(p =>
            p is { Name: EtcdProgram.Server, Version: not null } && (wanted is null || EtcdVersions.Minor(p.Version) == wanted)
        );
        foreach (var server in servers)
        {
            if (EtcdProgram.Restoring(there.Programs, EtcdVersions.Minor(server.Version!)) is { } tool)
            {
                return new RemoteDrillTools(server, tool, endpoint, there.WhyNoJail);
            }
        }

        throw Missing(host.Name, wanted, there);
    }

    private static EtcdDrException Missing(string node, string? wanted, NodePrograms there)
    {
        var found = there.Programs.Select(p => $"{p.Place} {p.Version}".TrimEnd()).ToList();
        var has = string.Join(
            " ",
            there.PassedOver.Prepend(found.Count == 0 ? Errors.DrillToolMissing_Neither_Part : string.Join(", ", found))
        );
        return new EtcdDrException(
            "DrillToolMissing",
            EtcdDrErrorCategory.ObjectNotFound,
            wanted is null ? Errors.DrillToolMissing_Node.With(node, has) : Errors.DrillToolMissing_NodeVersion.With(wanted, node, has),
            Errors.DrillToolMissing_Node_Action,
            node
        );
    }
}
