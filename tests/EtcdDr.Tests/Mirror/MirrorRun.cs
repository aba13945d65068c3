using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Mirror;

/// <summary>Runs the mirror checks on clusters of a lab, as <c>Test-ClusterMirror</c> does.</summary>
internal static class MirrorRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>The cluster as the lab's profile has it, with patience for a busy machine.</summary>
    public static EtcdCluster Cluster(LabCluster cluster)
    {
        var profile = EtcdProfile.Load(Path.Combine(Path.GetDirectoryName(cluster.Kubeconfig)!, "etcddr.yaml"));
        var found = EtcdClusterResolver.FromProfile(profile, cluster.Name);
        return found with { Ssh = found.Ssh with { ConnectTimeoutSeconds = 60 } };
    }

    /// <summary>All checks.</summary>
    public static async Task<IReadOnlyList<MirrorCheck>> CheckAsync(EtcdCluster primary, EtcdCluster secondary)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await new MirrorOperation(Context(), new SshHostFactory()).RunAsync(primary, secondary, limit.Token);
    }

    /// <summary>All checks of a snapshot.</summary>
    public static async Task<IReadOnlyList<MirrorCheck>> CheckAsync(EtcdSnapshot snapshot, EtcdCluster secondary)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await new MirrorOperation(Context(), new SshHostFactory()).RunAsync(snapshot, secondary, limit.Token);
    }

    /// <summary>Takes a snapshot.</summary>
    public static async Task<EtcdSnapshot> SnapshotAsync(EtcdCluster cluster, string directory)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var session = new ClusterSession(cluster, Context(), new SshHostFactory());
        return await new NewSnapshotOperation(session, new NewSnapshotOptions { Destination = SnapshotLocation.Parse(directory) }).RunAsync(
            limit.Token
        );
    }

    /// <summary>Checks that found something wrong, as name, status and message.</summary>
    public static IReadOnlyList<string> Fired(IEnumerable<MirrorCheck> checks) =>
        [.. checks.Where(c => c.Status is MirrorStatus.Fail or MirrorStatus.Warning).Select(c => $"{c.Name} {c.Status}: {c.Message}")];

    /// <summary>The findings of the only check that found something wrong.</summary>
    public static IReadOnlyList<MirrorCheck> Only(string name, IEnumerable<MirrorCheck> checks)
    {
        var fired = checks.Where(c => c.Status is MirrorStatus.Fail or MirrorStatus.Warning).ToList();
        Assert.True(
            fired.Count > 0 && fired.TrueForAll(c => c.Name == name),
            $"Only {name} was to fire: {string.Join("; ", Fired(fired))}"
        );
        Assert.All(fired, c => Assert.False(string.IsNullOrEmpty(c.Remedy)));
        return fired;
    }

    private static OperationContext Context() => new(new RecordingSink());
}
