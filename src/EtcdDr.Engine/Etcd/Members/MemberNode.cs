using System.Globalization;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>A node whose member comes or goes: what it has, where it is held, and the steps that change it. Each step can be run
/// again.</summary>
internal sealed class MemberNode
{
    private readonly ClusterSession _session;
    private readonly NodeReading _reading;

    private MemberNode(ClusterSession session, ClusterNode node, NodeReading reading)
    {
        (_session, Node, _reading) = (session, node, reading);
        Directory = HeldManifests.MembersDirectory(reading.InPlace.StaticPodPath);
        Id = session.Context.Time.GetUtcNow().ToString("yyyy-MM-dd_HH-mm-ss", CultureInfo.InvariantCulture);
        Place = new StaticPodPlace(reading.InPlace.StaticPodPath, $"{Directory}/manifests", reading.RuntimeEndpoint, Directory);
        Parts = ControlPlanePart.Of(reading.Manifests);
    }

    public ClusterNode Node { get; }

    /// <summary>Its static pods, in place or held aside.</summary>
    public NodeManifests Manifests => _reading.Manifests;

    /// <summary>Restores that were not ended there.</summary>
    public IReadOnlyList<NodeJournal> Unfinished => [.. _reading.Journals.Where(j => j.Journal.Unfinished)];

    /// <summary>Parts of its control plane.</summary>
    public IReadOnlyList<ControlPlanePart> Parts { get; }

    /// <summary>Where its static pods are, and are held.</summary>
    public StaticPodPlace Place { get; }

    /// <summary>Directory of what is held and kept on the node.</summary>
    public string Directory { get; }

    /// <summary>Name under which this run keeps what it takes aside.</summary>
    public string Id { get; }

    /// <summary>Where files that are replaced are kept.</summary>
    public string KeptFiles => $"{Directory}/{Id}/keys/previous";

    /// <summary>Reads a node.</summary>
    /// <exception cref="EtcdDrException">It does not answer, or its manifests cannot be used.</exception>
    public static async Task<MemberNode> ReadAsync(ClusterSession session, ClusterNode node, CancellationToken cancellationToken) =>
        new(session, node, await NodeFactsReader.ReadOnceAsync(session, node, cancellationToken));

    /// <summary>Closes journals of restores that went on without the node.</summary>
    public async Task CloseJournalsAsync(CancellationToken cancellationToken)
    {
        var host = await HostAsync(cancellationToken);
        var stopped = HeldManifests.StopDirectory(Place.ManifestDirectory);
        foreach (var journal in Unfinished)
        {
            await host.RunAsync(RestoreCommands.Abandon.With(journal.Directory, stopped), cancellationToken);
        }
    }

    /// <summary>Takes manifests aside and returns when their containers are gone.</summary>
    public async Task HoldAsync(IReadOnlyList<ControlPlanePart> parts, MemberOptions options, CancellationToken cancellationToken) =>
        await StaticPods.HoldAsync(
            await HostAsync(cancellationToken),
            Place,
            parts,
            "hold",
            StopEnd.Gone,
            options.StepTimeout,
            options.Force,
            cancellationToken
        );

    /// <summary>Puts manifests back.</summary>
    public async Task ReleaseAsync(IReadOnlyList<ControlPlanePart> parts, CancellationToken cancellationToken) =>
        await StaticPods.ReleaseAsync(await HostAsync(cancellationToken), Place, parts, "release", cancellationToken);

    /// <summary>Takes the member's data aside by rename.</summary>
    /// <returns>Where it lies now; empty where there was none.</returns>
    /// <exception cref="EtcdDrException"><c>DatabaseInUse</c>.</exception>
    public async Task<IReadOnlyList<string>> KeepDataAsync(
        EtcdMemberConfiguration etcd,
        IEnumerable<string> directories,
        CancellationToken cancellationToken
    )
    {
        var host = await HostAsync(cancellationToken);
        string[] arguments = [Directory, "keep-data", etcd.DataHostPath, etcd.WalHostPath ?? string.Empty, $"member-{Id}", .. directories];
        var result = await host.RunAsync(MemberCommands.KeepData.With(arguments), cancellationToken);
        return result.ExitStatus != 75
            ? result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new EtcdDrException(
                "DatabaseInUse",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.DatabaseInUse.With(Node.Name, etcd.DataHostPath),
                Errors.DatabaseInUse_Action.With(etcd.DataHostPath),
                Node.Name
            );
    }

    /// <summary>Files of the node, by path; those that are not there are left out.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> ReadFilesAsync(IEnumerable<string> paths, CancellationToken cancellationToken) =>
        await ReadFilesAsync(await HostAsync(cancellationToken), paths, cancellationToken);

    /// <summary>Files of a host, by path; those that are not there are left out.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadFilesAsync(
        IRemoteHost host,
        IEnumerable<string> paths,
        CancellationToken cancellationToken
    )
    {
        var result = await host.RunAsync(MemberCommands.ReadFiles.With([.. paths.Distinct(StringComparer.Ordinal)]), cancellationToken);
        return result
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' '))
            .Where(l => l.Length == 2)
            .ToDictionary(
                l => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(l[0])),
                l => Convert.FromBase64String(l[1]),
                StringComparer.Ordinal
            );
    }

    /// <summary>Puts files into their places, each in one step; what was there is kept as a copy.</summary>
    public async Task WriteFilesAsync(IReadOnlyList<MemberFile> files, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            return;
        }

        var host = await HostAsync(cancellationToken);
        var journal = $"{Directory}/{Id}";
        foreach (var file in files)
        {
            await host.RunAsync(
                RestoreCommands.StageKey.With(journal, file.Name, $"{file.Content.Length}"),
                cancellationToken,
                file.Content
            );
        }

        string[] arguments = [journal, "write-files", .. files.SelectMany(f => new[] { f.Path, f.Name })];
        await host.RunAsync(RestoreCommands.SwapKeys.With(arguments), cancellationToken);
        await host.RunAsync(MemberCommands.DropStaged.With(journal), cancellationToken);
    }

    private Task<IRemoteHost> HostAsync(CancellationToken cancellationToken) => _session.HostAsync(Node, cancellationToken);
}
