using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Snapshots.Verification.Drill;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>The programs that a mount on a node runs.</summary>
/// <param name="Etcd">etcd and its restore tool.</param>
/// <param name="ApiServer">kube-apiserver: out of the image that its manifest names, or a file.</param>
/// <param name="Version">Its version, as the image's tag says; null where that is none.</param>
/// <param name="Node">How the node's own apiserver is set up; null for a node that has none.</param>
internal sealed record MountPrograms(RemoteDrillTools Etcd, ProgramSource ApiServer, string? Version, ApiServerConfiguration? Node)
{
    private const string Program = "kube-apiserver";

    /// <summary>Looks for them on a node.</summary>
    /// <param name="host">The node.</param>
    /// <param name="etcdVersion">Version of the etcd that wrote the snapshot; null where it is not known.</param>
    /// <param name="directory">A directory there that holds the programs; null for where they are looked for usually.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>MountProgramMissing</c>, <c>DrillToolMissing</c>.</exception>
    internal static async Task<MountPrograms> FindAsync(
        IRemoteHost host,
        string? etcdVersion,
        string? directory,
        CancellationToken cancellationToken
    )
    {
        var reading = await RemoteDrillTools.ReadAsync(host, cancellationToken);
        var etcd = await RemoteDrillTools.FindAsync(host, reading, etcdVersion, directory, cancellationToken);
        if (etcd.WhyNoJail is { } why)
        {
            throw NoJail(host.Name, why);
        }

        var node = reading?.Manifests.ApiServer;
        if (directory is not null)
        {
            return new MountPrograms(etcd, new ProgramSource($"file:{directory}/{Program}"), null, node);
        }

        var image = node?.Image ?? throw Missing(host.Name, Errors.MountProgramMissing_NoManifest_Part);
        var found = (await host.RunAsync(MountCommands.FindImage.With(etcd.Endpoint, image), cancellationToken)).Text;
        return found.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [var id, ..]
            ? new MountPrograms(etcd, new ProgramSource($"image:{id}"), EtcdVersions.OfImage(image), node)
            : throw Missing(host.Name, Errors.MountProgramMissing_NoImage_Part.With(image));
    }

    private static EtcdDrException Missing(string node, string why) =>
        new(
            "MountProgramMissing",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.MountProgramMissing.With(node, why),
            Errors.MountProgramMissing_Action,
            node
        );

    private static EtcdDrException NoJail(string node, string why) =>
        new(
            "MountJailMissing",
            EtcdDrErrorCategory.ResourceUnavailable,
            Errors.MountJailMissing.With(node, why),
            Errors.MountJailMissing_Action,
            node
        );
}
