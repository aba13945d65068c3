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

    /// <summary>Waits until the cluster is whole; gives its state.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="api">Its API.</param>
    /// <param name="oldMark">Name of a config map that only the old state has.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">It is not whole; the message says why.</exception>
    public static async Task<string> WaitAsync(
        LabCluster cluster,
        LabApi api,
        string oldMark,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var why = "it was not looked at";
        for (var deadline = DateTime.UtcNow + limit; DateTime.UtcNow < deadline; await Task.Delay(500, cancellationToken))
        {
            try
            {
                return await JudgeAsync(cluster, api, oldMark, cancellationToken);
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

    private static async Task<string> JudgeAsync(LabCluster cluster, LabApi api, string oldMark, CancellationToken cancellationToken)
    {
        var nodes = cluster.ControlPlane.ToArray();
        Expect(await api.ReadyAsync(TimeSpan.FromSeconds(3), cancellationToken), "the API is not ready");
        foreach (var node in nodes)
        {
            var left = (await node.RunAsync(Leftovers, cancellationToken)).Trim();
            Expect(left.Length == 0, $"{node.Name}: {left.Replace("\n", "; ", StringComparison.Ordinal)}");
        }

        var revision = (await Task.WhenAll(nodes.Select(node => node.HashAsync(0, cancellationToken)))).Min(h => h.Revision);
        var hashes = await Task.WhenAll(nodes.Select(node => node.HashAsync(revision, cancellationToken)));
        Expect(
            hashes.Select(h => h.ClusterId).Distinct().Count() == 1,
            $"cluster ids differ: {string.Join(", ", hashes.Select(h => h.ClusterId))}"
        );
        Expect(hashes.Select(h => h.Hash).Distinct().Count() == 1, $"HashKV differs: {string.Join(", ", hashes.Select(h => h.Hash))}");
        var keys = await Task.WhenAll(
            nodes.Select(node =>
                node.RunAsync("sha256sum < /etc/kubernetes/pki/sa.key; sha256sum < /etc/kubernetes/pki/sa.pub", cancellationToken)
            )
        );
        Expect(keys.Distinct().Count() == 1, "service-account keys differ");
        var old = await api.GetAsync($"/api/v1/namespaces/kube-public/configmaps/{oldMark}", cancellationToken) is not null;
        if (!old)
        {
            foreach (var node in nodes)
            {
                var kept = await node.TryAsync("ls /var/lib/etcd.etcddr/*/previous/member/snap/db", null, cancellationToken);
                Expect(kept.ExitCode == 0, $"{node.Name} keeps no previous data");
            }
        }

        return old ? "old" : "new";
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new LabException(otherwise);
        }
    }
}
