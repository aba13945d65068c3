using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>
/// Gives the front end of a kube API one more name: in kubeadm's configuration, in the serving certificate of every apiserver, one node
/// after the other, and, where wanted, in kubeconfigs and config maps. Each step can be run again; what it replaces is kept on its node.
/// </summary>
public sealed class AliasOperation(OperationContext context, IRemoteHostFactory hosts)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads the cluster and tells what is to be done. Changes nothing.</summary>
    /// <exception cref="EtcdDrException">
    /// <c>KubeadmConfigurationNotFound</c>, <c>KubeadmConfigurationInvalid</c>, <c>ServingCertificateNotFound</c>,
    /// <c>CertificateAuthorityUnknown</c>, <c>CertificateAuthorityKeyNotFound</c>, <c>AliasNotResolved</c>, <c>KubeconfigInvalid</c>, and
    /// what the API and the nodes say.
    /// </exception>
    public async Task<AliasPlan> PlanAsync(EtcdCluster cluster, AliasOptions options, CancellationToken cancellationToken)
    {
        var plan = await OpenAsync(cluster, options, cancellationToken);
        try
        {
            await AliasPlanner.FillAsync(plan, cancellationToken);
            return plan;
        }
        catch
        {
            await plan.DisposeAsync();
            throw;
        }
    }

    /// <summary>Carries a plan out.</summary>
    /// <exception cref="EtcdDrException">
    /// <c>ClusterLocked</c>, <c>CertificateNotIssued</c>, <c>CertificateNotServed</c>, <c>FileChangedMeanwhile</c>, <c>KubeApiConflict</c>,
    /// <c>KubeletNotReporting</c>. Every node has a certificate that works then, and the same again goes on.
    /// </exception>
    public async Task<KubeApiAlias> AddAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var watch = Stopwatch.StartNew();
        var activity = $"Add {plan.Options.Alias} to {plan.Session.Cluster.Name}";
        var changed = !plan.IsEmpty;
        var nodes = plan.Nodes.ToDictionary(n => n.Node.Name, Present, StringComparer.Ordinal);
        if (changed)
        {
            await using var held = await LockAsync(plan, activity, cancellationToken);
            var rollout = new CertificateRollout(plan.Session, plan.Options, activity);
            foreach (var node in plan.Certificates)
            {
                nodes[node.Node.Name] = await rollout.AddAsync(node, plan.Configuration, cancellationToken);
            }

            await ReplaceFilesAsync(plan, nodes, cancellationToken);
            foreach (var map in plan.Maps)
            {
                await KeepAsync(plan, map, cancellationToken);
                await map.WriteAsync(plan.Api, cancellationToken);
            }

            await SwitchHereAsync(plan, cancellationToken);
        }

        return Result(plan, "Added", changed, nodes, watch.Elapsed) with
        {
            Switched = plan.Options.Switch,
            ConfigMaps = [.. plan.Maps.Select(m => m.FullName)],
            Kubeconfig = plan.LocalKubeconfig is null ? null : plan.Session.Cluster.Kubeconfig,
        };
    }

    /// <summary>Puts back what adding a name has replaced: config maps, files, then certificates, one node after the other.</summary>
    /// <exception cref="EtcdDrException"><c>AliasNotFound</c>, <c>ClusterLocked</c>, <c>CertificateNotServed</c>,
    /// <c>KubeletNotReporting</c>, and what the API and the nodes say.</exception>
    public async Task<KubeApiAlias> UndoAsync(EtcdCluster cluster, AliasOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var activity = $"Take {options.Alias} from {cluster.Name}";
        await using var plan = await OpenAsync(cluster, options, cancellationToken);
        plan.PresentServer = plan.Server = cluster.Server;
        plan.Nodes = await ReadAllAsync(plan, cancellationToken);
        await using var held = await LockAsync(plan, activity, cancellationToken);
        var kept = await KeptAsync(plan, cancellationToken);
        if (kept.Count == 0)
        {
            throw AliasErrors.NothingKept(options.Alias, cluster.Name);
        }

        var undo = new AliasUndo(plan);
        var maps = await undo.MapsAsync(kept.SelectMany(k => k.Value), cancellationToken);
        var local = await undo.LocalAsync(cancellationToken);
        var files = await undo.FilesAsync(cancellationToken);
        await RestartKubeletsAsync(
            plan,
            files.Where(f => f.Value.Contains("/etc/kubernetes/kubelet.conf")).Select(f => f.Key),
            cancellationToken
        );
        var nodes = new Dictionary<string, KubeApiAliasNode>(StringComparer.Ordinal);
        var rollout = new CertificateRollout(plan.Session, options, activity);
        foreach (var node in plan.Nodes)
        {
            var described = node.ControlPlane is null
                ? CertificateRollout.Describe(node, null)
                : await rollout.UndoAsync(node, cancellationToken);
            nodes[node.Node.Name] = described with { Files = files[node] };
        }

        if (!undo.LeftAnything && nodes.Values.All(n => n.KeptIn is null))
        {
            await undo.ForgetAsync(cancellationToken);
        }

        // The kubeconfig may name another front end by now.
        plan.Server = Kubeconfig.Load(cluster.Kubeconfig).Context(cluster.Context).Server;
        return Result(plan, "Undone", true, nodes, watch.Elapsed) with
        {
            Switched = maps.Count > 1 || local is not null,
            ConfigMaps = maps,
            Kubeconfig = local,
        };
    }

    private static KubeApiAlias Result(
        AliasPlan plan,
        string action,
        bool changed,
        Dictionary<string, KubeApiAliasNode> nodes,
        TimeSpan elapsed
    ) =>
        new()
        {
            Cluster = plan.Session.Cluster.Name,
            Alias = plan.Options.Alias,
            Server = plan.Server,
            Action = action,
            Changed = changed,
            Nodes = [.. nodes.Values.OrderBy(n => n.Role).ThenBy(n => n.Node, StringComparer.Ordinal)],
            Elapsed = elapsed,
        };

    private static KubeApiAliasNode Present(AliasNode node)
    {
        using var certificate = node.ControlPlane is null ? null : node.Certificate();
        return CertificateRollout.Describe(node, certificate);
    }

    private static Task<ClusterLock> LockAsync(AliasPlan plan, string activity, CancellationToken cancellationToken) =>
        ClusterLock.TakeAsync(
            plan.Session,
            plan.Nodes.Where(n => n.ControlPlane is not null).Select(n => n.Node),
            LockMode.Exclusive,
            activity,
            false,
            cancellationToken
        );

    private async Task<AliasPlan> OpenAsync(EtcdCluster cluster, AliasOptions options, CancellationToken cancellationToken) =>
        new(new ClusterSession(cluster, context, hosts), await KubeApi.ConnectAsync(cluster, cancellationToken), options);

    private async Task<IReadOnlyList<AliasNode>> ReadAllAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var nodes = await ClusterNodes.GetAsync(plan.Session, plan.Api, cancellationToken);
        var found = new ConcurrentBag<AliasNode>();
        await OnAllAsync(
            nodes,
            async (node, ct) => found.Add(await AliasNode.ReadAsync(plan.Session, node, plan.Options.Alias, plan.PresentServer.Host, ct)),
            cancellationToken
        );
        return [.. found.OrderBy(n => n.Node.Role).ThenBy(n => n.Node.Name, StringComparer.Ordinal)];
    }

    private async Task<Dictionary<string, IReadOnlyList<KeptText>>> KeptAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        var kept = new ConcurrentDictionary<string, IReadOnlyList<KeptText>>(StringComparer.Ordinal);
        await OnAllAsync(
            plan.Nodes,
            async (node, ct) =>
            {
                var host = await plan.Session.HostAsync(node.Node, ct);
                var lines = (await host.RunAsync(AliasCommands.KeptTexts.With(node.KeepDirectory(plan.Options.Alias)), ct)).Text.Split(
                    '\n',
                    StringSplitOptions.RemoveEmptyEntries
                );
                if (lines.Length > 0)
                {
                    kept[node.Node.Name] =
                    [
                        .. lines
                            .Skip(1)
                            .Select(l => l.Split(' '))
                            .Where(w => w.Length == 4)
                            .Select(w => new KeptText(w[1], w[2], Encoding.UTF8.GetString(Convert.FromBase64String(w[3])))),
                    ];
                }
            },
            cancellationToken
        );
        return new(kept, StringComparer.Ordinal);
    }

    private async Task ReplaceFilesAsync(AliasPlan plan, Dictionary<string, KubeApiAliasNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var file in plan.Files)
        {
            var keep = file.Node.KeepDirectory(plan.Options.Alias);
            var host = await plan.Session.HostAsync(file.Node.Node, cancellationToken);
            var text = Encoding.UTF8.GetBytes(file.Text);
            var replace = AliasCommands.ReplaceFile.With(keep, file.KeptName, file.Path, file.Node.Sum(file.Path), $"{text.Length}");
            if ((await host.RunAsync(replace, cancellationToken, text)).ExitStatus == AliasCommands.Changed)
            {
                throw AliasErrors.ChangedMeanwhile(file.Node.Node.Name, file.Path);
            }

            var node = nodes[file.Node.Node.Name];
            nodes[file.Node.Node.Name] = node with { Files = [.. node.Files, file.Path], KeptIn = keep };
        }

        await RestartKubeletsAsync(plan, plan.Files.Where(f => f.IsKubelet).Select(f => f.Node), cancellationToken);
    }

    // On every control-plane node: any of them can tell how to undo it.
    private Task KeepAsync(AliasPlan plan, AliasMap map, CancellationToken cancellationToken) =>
        OnAllAsync(
            plan.Nodes.Where(n => n.ControlPlane is not null),
            async (node, ct) =>
            {
                var host = await plan.Session.HostAsync(node.Node, ct);
                var text = Encoding.UTF8.GetBytes(map.Before);
                var keep = AliasCommands.KeepText.With(
                    node.KeepDirectory(plan.Options.Alias),
                    map.KeptName,
                    AliasMap.Sum(map.After),
                    $"{text.Length}"
                );
                await host.RunAsync(keep, ct, text);
            },
            cancellationToken
        );

    private static async Task SwitchHereAsync(AliasPlan plan, CancellationToken cancellationToken)
    {
        if (plan.LocalKubeconfig is { } text)
        {
            await LocalKubeconfig.ReplaceAsync(plan.Session.Cluster.Kubeconfig, text, plan.Options.Alias, cancellationToken);
        }
    }

    /// <summary>Restarts kubelets and returns when each has reported to the API since: through whatever its kubeconfig names now.</summary>
    private async Task RestartKubeletsAsync(AliasPlan plan, IEnumerable<AliasNode> nodes, CancellationToken cancellationToken)
    {
        var waiting = new ConcurrentDictionary<string, DateTime>(StringComparer.Ordinal);
        await OnAllAsync(
            nodes,
            async (node, ct) =>
            {
                var host = await plan.Session.HostAsync(node.Node, ct);
                waiting[node.Node.Name] = Time((await host.RunAsync(AliasCommands.RestartKubelet, ct)).Text.Trim());
            },
            cancellationToken
        );
        var deadline = context.Time.GetUtcNow() + plan.Options.Timeout;
        while (!waiting.IsEmpty)
        {
            var renewed = await LeasesAsync(plan.Api, cancellationToken);
            foreach (var (node, _) in waiting.Where(w => renewed.GetValueOrDefault(w.Key) > w.Value))
            {
                waiting.TryRemove(node, out _);
            }

            if (waiting.IsEmpty)
            {
                return;
            }

            if (context.Time.GetUtcNow() >= deadline)
            {
                throw AliasErrors.KubeletSilent([.. waiting.Keys.Order(StringComparer.Ordinal)], plan.Options.Timeout);
            }

            context.Sink.Progress(
                new ProgressUpdate(
                    $"Restart kubelets of {plan.Session.Cluster.Name}",
                    null,
                    $"Waiting for {string.Join(", ", waiting.Keys)}"
                )
            );
            await Task.Delay(Interval, context.Time, cancellationToken);
        }
    }

    private static DateTime Time(string? text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? time : DateTime.MinValue;

    private static async Task<Dictionary<string, DateTime>> LeasesAsync(KubeApi api, CancellationToken cancellationToken)
    {
        var renewed = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await foreach (
            var lease in api.ListAsync(
                "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
                cancellationToken: cancellationToken
            )
        )
        {
            renewed[(string?)lease["metadata"]?["name"] ?? ""] = Time((string?)lease["spec"]?["renewTime"]);
        }

        return renewed;
    }

    private Task OnAllAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken },
            async (item, ct) => await work(item, ct)
        );
}
