using System.Text;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>What adding a name will do: everything was read, nothing is changed yet. Holds the connections that it will be done
/// over.</summary>
public sealed class AliasPlan : IAsyncDisposable
{
    internal AliasPlan(ClusterSession session, KubeApi api, AliasOptions options)
    {
        Session = session;
        Api = api;
        Options = options;
    }

    /// <summary>Whether anything is left to do.</summary>
    public bool IsEmpty => Certificates.Count == 0 && Files.Count == 0 && Maps.Count == 0 && LocalKubeconfig is null;

    /// <summary>What will be done, line by line.</summary>
    public string Text =>
        IsEmpty
            ? $"The front end of cluster '{Session.Cluster.Name}' has the name '{Options.Alias}' already; there is nothing to do."
            : Describe();

    internal ClusterSession Session { get; }

    internal KubeApi Api { get; }

    internal AliasOptions Options { get; }

    /// <summary>The front end as kubeconfigs will name it.</summary>
    internal Uri Server { get; set; } = new("https://localhost");

    /// <summary>The front end as they name it now.</summary>
    internal Uri PresentServer { get; set; } = new("https://localhost");

    internal IReadOnlyList<AliasNode> Nodes { get; set; } = [];

    /// <summary>kubeadm's configuration as it will be in the API.</summary>
    internal KubeadmText Configuration { get; set; } = null!;

    /// <summary>Nodes that need a new certificate.</summary>
    internal IReadOnlyList<AliasNode> Certificates { get; set; } = [];

    internal IReadOnlyList<AliasFile> Files { get; set; } = [];

    internal IReadOnlyList<AliasMap> Maps { get; set; } = [];

    /// <summary>The kubeconfig of this machine as it will be; null where it stays.</summary>
    internal string? LocalKubeconfig { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Session.DisposeAsync();
    }

    private string Describe()
    {
        var text = new StringBuilder($"Add the name '{Options.Alias}' to the kube API of cluster '{Session.Cluster.Name}':\n");
        foreach (var node in Certificates)
        {
            text.Append(
                $"- {node.Node.Name}: new serving certificate by {(node.HasKubeadm ? "kubeadm" : "the node's own CA")}, "
                    + $"{(Options.Restart ? "restart of kube-apiserver" : "loaded by kube-apiserver itself, or by its restart")}\n"
            );
        }

        foreach (var file in Files)
        {
            text.Append($"- {file.Node.Node.Name}: {file.Path}{(file.IsKubelet ? ", restart of the kubelet" : "")}\n");
        }

        foreach (var map in Maps)
        {
            text.Append($"- config map {map.Namespace}/{map.Name}\n");
        }

        return LocalKubeconfig is null ? text.ToString().TrimEnd() : $"{text}- this machine: {Session.Cluster.Kubeconfig}";
    }
}
