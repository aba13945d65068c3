using System.Collections.Concurrent;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>Puts back config maps and files that adding a name has replaced. What somebody changed since is left, and told of.</summary>
internal sealed class AliasUndo(AliasPlan plan)
{
    private int _left;

    /// <summary>Whether anything was left as it is.</summary>
    public bool LeftAnything => _left > 0;

    private string Alias => plan.Options.Alias;

    /// <summary>Puts config maps back.</summary>
    /// <returns>Those that were put back, as namespace/name.</returns>
    public async Task<IReadOnlyList<string>> MapsAsync(IEnumerable<KeptText> kept, CancellationToken cancellationToken)
    {
        var back = new List<string>();
        foreach (var text in kept.DistinctBy(k => k.Name))
        {
            if (await AliasMap.ReadKeptAsync(plan.Api, text.Name, cancellationToken) is not { } map || map.Before == text.Text)
            {
                continue;
            }

            if (AliasMap.Sum(map.Before) != text.Written)
            {
                Leave($"The config map {map.FullName} was changed since '{Alias}' was added; it was left as it is.");
                continue;
            }

            await (map with { After = text.Text }).WriteAsync(plan.Api, cancellationToken);
            back.Add(map.FullName);
        }

        return back;
    }

    /// <summary>Puts the kubeconfig of this machine back.</summary>
    /// <returns>Its path if it was put back.</returns>
    public async Task<string?> LocalAsync(CancellationToken cancellationToken)
    {
        var path = plan.Session.Cluster.Kubeconfig;
        var done = await LocalKubeconfig.PutBackAsync(path, Alias, previous => Switched(path, previous), cancellationToken);
        if (done == false)
        {
            Leave(
                $"The kubeconfig {path} was changed since '{Alias}' was added; it was left as it is. The one from before is "
                    + $"{LocalKubeconfig.KeptPath(path, Alias)}."
            );
        }

        return done == true ? path : null;
    }

    /// <summary>Puts files back.</summary>
    /// <returns>Those that were put back, by node.</returns>
    public async Task<IReadOnlyDictionary<AliasNode, IReadOnlyList<string>>> FilesAsync(CancellationToken cancellationToken)
    {
        var back = new ConcurrentDictionary<AliasNode, IReadOnlyList<string>>();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = plan.Session.Context.ThrottleLimit,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(plan.Nodes, parallel, async (node, ct) => back[node] = await FilesOfAsync(node, ct));
        return back;
    }

    /// <summary>Removes what was kept; all of it is back in its place.</summary>
    public Task ForgetAsync(CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            plan.Nodes,
            cancellationToken,
            async (node, ct) =>
            {
                var host = await plan.Session.HostAsync(node.Node, ct);
                await host.RunAsync(AliasCommands.Forget.With(node.KeepDirectory(Alias)), ct);
            }
        );

    private async Task<IReadOnlyList<string>> FilesOfAsync(AliasNode node, CancellationToken cancellationToken)
    {
        var back = new List<string>();
        var host = await plan.Session.HostAsync(node.Node, cancellationToken);
        foreach (var path in node.Kubeconfigs.Concat(node.KubeadmFiles))
        {
            var answer = (
                await host.RunAsync(AliasCommands.PutBack.With(node.KeepDirectory(Alias), AliasFile.NameOf(path), path), cancellationToken)
            ).Text.Trim();
            if (answer == "back")
            {
                back.Add(path);
            }
            else if (answer.StartsWith("changed", StringComparison.Ordinal))
            {
                Leave(
                    $"{path} on node {node.Node.Name} was changed since '{Alias}' was added; it was left as it is. The one from before "
                        + $"is in {node.KeepDirectory(Alias)}."
                );
            }
        }

        return back;
    }

    // The previous kubeconfig as switching changes it: its current context's server gets the alias.
    private string Switched(string path, string previous)
    {
        try
        {
            var server = YamlReader
                .Read(previous)
                ?["clusters"]?.Items.Select(c => c["cluster"]?.TextOf("server"))
                .FirstOrDefault(s =>
                    Uri.TryCreate(s, UriKind.Absolute, out var url)
                    && KubeconfigText.IsSame(new UriBuilder(url) { Host = Alias }.ToString(), plan.Session.Cluster.Server)
                );
            return server is null ? previous : KubeconfigText.WithServer(path, previous, new Uri(server), plan.Session.Cluster.Server);
        }
        catch (YamlFormatException e)
        {
            throw KubeErrors.KubeconfigInvalid(path, e.Message, e.Line, e);
        }
    }

    private void Leave(string why)
    {
        Interlocked.Increment(ref _left);
        plan.Session.Context.Sink.Warning(why);
    }
}
