using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary>Judges a cluster after a fault: whole in the old state or in the new one, and nothing left that no journal names.</summary>
internal static class ClusterVerdict
{
    // What lies where it must not: manifests held aside, a lock, processes of the operator, staged files without a journal, files half
    // written.
    private const string Leftovers = """
        for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
            [ -f /etc/kubernetes/manifests/$name.yaml ] || echo "the manifest of $name is not in place"
        done
        for file in /etc/kubernetes/etcddr/*/manifests/*; do [ ! -e "$file" ] || echo "$file is held aside"; done
        if [ -e /run/etcddr/lock ]; then flock -x -n /run/etcddr/lock true || echo 'the lock is held'; fi
        for process in $(pgrep -x 'sudo|sudo.real|etcdutl|etcdctl' || true); do
            echo "process $process is left: $(tr '\0' ' ' < /proc/$process/cmdline | cut -c1-120)"
        done
        for work in /var/lib/etcd.etcddr/*; do
            if [ -e "$work" ] && [ ! -f "/etc/kubernetes/etcddr/${work##*/}/journal.json" ]; then echo "$work has no journal"; fi
        done
        find /etc/kubernetes /var/lib/etcd -name '*.etcddr-new' -o -name '*.part' -o -name '*.json.new' | sed 's/$/ is half written/'
        """;

    private const string WorkerIsFree =
        "[ ! -e /etc/kubernetes/etcddr/quiesced ] && systemctl is-enabled --quiet kubelet && systemctl is-active --quiet kubelet";

    // Of a journal whose state is neither settled nor put back a command is still owed.
    private const string States = "for s in /etc/kubernetes/etcddr/*/state; do [ ! -f $s ] || cat $s; done";

    /// <summary>States of the journals of all nodes.</summary>
    public static async Task<IReadOnlyList<string>> JournalStatesAsync(LabCluster cluster, CancellationToken cancellationToken)
    {
        var states = new List<string>();
        foreach (var node in cluster.ControlPlane)
        {
            states.AddRange((await node.RunAsync(States, cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return states;
    }

    /// <summary>Waits until the cluster is whole; gives its state, old or new.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="api">Its API.</param>
    /// <param name="before">What the cluster had and was like before the restore.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">It is not whole; the message says why.</exception>
    public static async Task<string> WaitAsync(
        LabCluster cluster,
        LabApi api,
        ClusterBefore before,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var why = "it was not looked at";
        for (var deadline = DateTime.UtcNow + limit; DateTime.UtcNow < deadline; await Task.Delay(500, cancellationToken))
        {
            try
            {
                return await JudgeAsync(cluster, api, before, cancellationToken);
            }
            catch (Exception failure)
                when (failure is HttpRequestException or IOException or LabException
                    || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                )
            {
                why = failure.Message;
            }
        }

        throw new LabException(why);
    }

    /// <summary>Makes sure that a restore that was refused touched nothing.</summary>
    /// <exception cref="LabException">It did.</exception>
    public static async Task ExpectUntouchedAsync(LabCluster cluster, ClusterBefore before, CancellationToken cancellationToken)
    {
        foreach (var node in cluster.ControlPlane.Where(n => n.Init is not null))
        {
            await ExpectNothingLeftAsync(node, cancellationToken);
            Expect(await NodeRecord.ReadAsync(node, cancellationToken) == before.Nodes[node.Name], $"{node.Name} was touched");
            var made = await node.TryAsync("! ls -d /var/lib/etcd.etcddr/* /etc/kubernetes/etcddr/*", null, cancellationToken);
            Expect(made.ExitCode == 0, $"{node.Name} was touched: {made.Output.Trim()}");
        }
    }

    private static async Task<string> JudgeAsync(LabCluster cluster, LabApi api, ClusterBefore before, CancellationToken cancellationToken)
    {
        var nodes = cluster.ControlPlane.ToArray();
        foreach (var node in nodes)
        {
            await ExpectNothingLeftAsync(node, cancellationToken);
        }

        foreach (var node in cluster.Workers)
        {
            var held = await node.TryAsync(WorkerIsFree, null, cancellationToken);
            Expect(held.ExitCode == 0, $"the kubelet of {node.Name} is held");
        }

        var now = await NodeRecord.ReadAllAsync(cluster, cancellationToken);
        var unchanged = now.Where(n => n.Value.Member == before.Nodes[n.Key].Member).Select(n => n.Key).ToList();
        Expect(unchanged.Count == 0 || unchanged.Count == nodes.Length, $"only {string.Join(", ", unchanged)} have the previous data");
        if (unchanged.Count > 0)
        {
            await ExpectAsItWasAsync(nodes, api, before, now, cancellationToken);
            return "old";
        }

        await ExpectServingAsync(nodes, api, cancellationToken);
        Expect(now.Values.Select(n => n.Keys).Distinct().Count() == 1, "service-account keys differ");
        Expect(!await HasMarkAsync(api, before.Mark, cancellationToken), "the new state has what was written to the old one");
        foreach (var node in nodes)
        {
            var kept = await node.RunAsync("stat -c %i /var/lib/etcd.etcddr/*/previous/member", cancellationToken);
            Expect(
                kept.Split('\n').Contains(before.Nodes[node.Name].Member),
                $"{node.Name} does not keep the data that it had before the restore"
            );
        }

        return "new";
    }

    // Data, keys and manifests as they were; it serves what it served, and lacks what it lacked.
    private static async Task ExpectAsItWasAsync(
        IReadOnlyList<LabNode> nodes,
        LabApi api,
        ClusterBefore before,
        IReadOnlyDictionary<string, NodeRecord> now,
        CancellationToken cancellationToken
    )
    {
        foreach (var (name, record) in now)
        {
            Expect(record == before.Nodes[name], $"keys or manifests of {name} are not as they were");
        }

        await before.Broken.ExpectAsItWasAsync(cancellationToken);
        var sound = nodes.Except(before.Broken.Spoiled).ToList();
        foreach (var node in sound)
        {
            var marked = await node.TryAsync($"grep -aqr {before.Mark} /var/lib/etcd/member", null, cancellationToken);
            Expect(marked.ExitCode == 0, $"{node.Name} lost what was written before the restore");
        }

        if (before.Broken.PreviousStateServes)
        {
            await ExpectServingAsync(sound, api, cancellationToken);
            Expect(await HasMarkAsync(api, before.Mark, cancellationToken), "what was written before the restore is lost");
        }
    }

    /// <summary>Makes sure that these nodes' API and members serve one state.</summary>
    /// <exception cref="LabException">They do not.</exception>
    public static async Task ExpectServingAsync(IReadOnlyList<LabNode> nodes, LabApi api, CancellationToken cancellationToken)
    {
        Expect(await api.ReadyAsync(TimeSpan.FromSeconds(3), cancellationToken), "the API is not ready");
        var revision = (await Task.WhenAll(nodes.Select(node => node.HashAsync(0, cancellationToken)))).Min(h => h.Revision);
        var hashes = await Task.WhenAll(nodes.Select(node => node.HashAsync(revision, cancellationToken)));
        Expect(
            hashes.Select(h => h.ClusterId).Distinct().Count() == 1,
            $"cluster ids differ: {string.Join(", ", hashes.Select(h => h.ClusterId))}"
        );
        Expect(hashes.Select(h => h.Hash).Distinct().Count() == 1, $"HashKV differs: {string.Join(", ", hashes.Select(h => h.Hash))}");
    }

    private static async Task ExpectNothingLeftAsync(LabNode node, CancellationToken cancellationToken)
    {
        var left = (await node.RunAsync(Leftovers, cancellationToken)).Trim();
        Expect(left.Length == 0, $"{node.Name}: {left.Replace("\n", "; ", StringComparison.Ordinal)}");
    }

    private static async Task<bool> HasMarkAsync(LabApi api, string mark, CancellationToken cancellationToken) =>
        await api.GetAsync($"/api/v1/namespaces/kube-public/configmaps/{mark}", cancellationToken) is not null;

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new LabException(otherwise);
        }
    }
}
