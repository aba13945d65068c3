using EtcdDr.Lab.Nodes;

namespace EtcdDr.Bench.Scenarios;

/// <summary>
/// Stop and start of a control plane in the best order that is known, by scripts in the nodes themselves: no SSH, no checks, no journal.
/// What a cutover is measured against.
/// </summary>
internal static class PlainControlPlane
{
    /// <summary>
    /// Moves manifests aside, stops the containers, waits until the kubelet has let go of their pods, and removes them (it would wait
    /// before it starts one again that it finds dead), all but etcd.
    /// </summary>
    public const string StopApi = """
        cd /etc/kubernetes; mkdir -p bench-held
        mv manifests/kube-*.yaml bench-held/
        crictl stop --timeout 1 $(crictl ps -q --name kube-) >/dev/null 2>&1 || true
        until [ -z "$(crictl pods -q --state Ready --name '^kube-')" ]; do sleep 0.05; done
        crictl rm $(crictl ps -q --state exited --name kube-) >/dev/null 2>&1 || true
        """;

    /// <summary>The same for etcd.</summary>
    public const string StopEtcd = """
        cd /etc/kubernetes; mkdir -p bench-held
        mv manifests/etcd.yaml bench-held/
        crictl stop --timeout 3 $(crictl ps -q --name etcd) >/dev/null 2>&1 || true
        until [ -z "$(crictl pods -q --state Ready --name '^etcd-')" ]; do sleep 0.05; done
        crictl rm $(crictl ps -q --state exited --name etcd) >/dev/null 2>&1 || true
        """;

    /// <summary>Puts etcd's manifest back and waits until the member serves its peers.</summary>
    public const string StartEtcd = """
        mv /etc/kubernetes/bench-held/etcd.yaml /etc/kubernetes/manifests/
        until bash -c ': < /dev/tcp/127.0.0.1/2381' 2>/dev/null; do sleep 0.05; done
        """;

    /// <summary>Puts the apiserver's manifest back.</summary>
    public const string StartApi = "mv /etc/kubernetes/bench-held/kube-apiserver.yaml /etc/kubernetes/manifests/";

    /// <summary>Puts all others back.</summary>
    public const string StartRest =
        "mv /etc/kubernetes/bench-held/kube-*.yaml /etc/kubernetes/manifests/ && rmdir /etc/kubernetes/bench-held";

    /// <summary>Stops and starts it.</summary>
    public static async Task BounceAsync(RestoreLab lab, CancellationToken cancellationToken)
    {
        await OnAllAsync(lab.Nodes, StopApi, cancellationToken);
        foreach (var node in lab.Nodes)
        {
            // Stopped at once, two members hand the lead to each other until they are killed.
            await node.RunAsync(StopEtcd, cancellationToken);
        }

        foreach (var node in lab.Nodes)
        {
            // Members that check each other for corruption wait for peers that listen and do not serve yet; in turn they do not.
            await node.RunAsync(StartEtcd, cancellationToken);
        }

        await OnAllAsync(lab.Nodes, StartApi, cancellationToken);
        await lab.WaitForApiAsync(cancellationToken);
        await OnAllAsync(lab.Nodes, StartRest, cancellationToken);
    }

    private static Task OnAllAsync(IEnumerable<LabNode> nodes, string script, CancellationToken cancellationToken) =>
        Task.WhenAll(nodes.Select(node => node.RunAsync(script, cancellationToken)));
}
