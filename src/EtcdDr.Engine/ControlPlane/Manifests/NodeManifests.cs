using System.Text;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>The static pods of one node as its manifest directory has them.</summary>
public sealed class NodeManifests
{
    private NodeManifests(string node, string staticPodPath, IReadOnlyDictionary<string, string> texts)
    {
        Node = node;
        StaticPodPath = staticPodPath;
        Texts = texts;
    }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>The directory: kubelet's <c>staticPodPath</c>, or the one that was asked for.</summary>
    public string StaticPodPath { get; }

    /// <summary>Every file by its name, as it is.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; }

    /// <summary>Every pod by its file's name.</summary>
    public IReadOnlyDictionary<string, StaticPodManifest> Pods { get; private init; } = new Dictionary<string, StaticPodManifest>();

    /// <summary>etcd of this node; null if the node has none.</summary>
    public EtcdMemberConfiguration? Etcd { get; private init; }

    /// <summary>kube-apiserver of this node; null if the node has none.</summary>
    public ApiServerConfiguration? ApiServer { get; private init; }

    /// <summary>kube-controller-manager of this node; null if the node has none.</summary>
    public StaticPodManifest? ControllerManager { get; private init; }

    /// <summary>kube-scheduler of this node; null if the node has none.</summary>
    public StaticPodManifest? Scheduler { get; private init; }

    /// <summary>Files that are no pods. The kubelet skips them too.</summary>
    public IReadOnlyList<UnreadableManifest> Unreadable { get; private init; } = [];

    /// <summary>Reads all manifests of a node in one round trip, as root.</summary>
    /// <param name="host">The node.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <param name="directory">The directory; null for the kubelet's <c>staticPodPath</c>, <c>/etc/kubernetes/manifests</c> where that says
    /// nothing.</param>
    /// <exception cref="EtcdDrException">
    /// <c>ManifestDirectoryNotFound</c>, <c>ManifestInvalid</c> or <c>ManifestUnsupported</c> of etcd or kube-apiserver,
    /// <c>ManifestAmbiguous</c>, or what <see cref="IRemoteHost"/> throws.
    /// </exception>
    public static async Task<NodeManifests> ReadAsync(IRemoteHost host, CancellationToken cancellationToken, string? directory = null)
    {
        var result = await host.RunAsync(ManifestCommands.ReadAll.With(directory ?? ""), cancellationToken);
        return FromListing(host.Name, result.Text, result.ExitStatus);
    }

    /// <summary>Reads what <see cref="ManifestCommands.ReadAll"/> printed.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="text">What it printed.</param>
    /// <param name="status">Its exit status.</param>
    /// <exception cref="EtcdDrException">As <see cref="ReadAsync"/>.</exception>
    internal static NodeManifests FromListing(string node, string text, int status = 0)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToList();
        var path = lines.Count > 0 && lines[0] is ["path", var encoded] ? Decode(encoded) : "";
        if (status == ManifestCommands.NoDirectory)
        {
            throw ManifestErrors.NoDirectory(node, path);
        }

        var texts = lines.Where(l => l is ["file", _, _]).ToDictionary(l => Decode(l[1]), l => Decode(l[2]), StringComparer.Ordinal);
        return Parse(node, path, texts);
    }

    /// <summary>These and others that are held aside; where a file is in both, the one in place counts.</summary>
    internal NodeManifests With(IEnumerable<NodeManifests> held)
    {
        var texts = new Dictionary<string, string>(Texts, StringComparer.Ordinal);
        foreach (var (name, text) in held.SelectMany(h => h.Texts))
        {
            texts.TryAdd(name, text);
        }

        return texts.Count == Texts.Count ? this : Parse(Node, StaticPodPath, texts);
    }

    /// <summary>Reads manifests that are at hand, for example out of a snapshot.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="staticPodPath">The directory on the node.</param>
    /// <param name="texts">The files by name.</param>
    /// <exception cref="EtcdDrException">As <see cref="ReadAsync"/>.</exception>
    public static NodeManifests Parse(string node, string staticPodPath, IReadOnlyDictionary<string, string> texts)
    {
        var pods = new Dictionary<string, StaticPodManifest>(StringComparer.Ordinal);
        var unreadable = new List<UnreadableManifest>();
        foreach (var (file, text) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            try
            {
                pods[file] = StaticPodManifest.Parse(node, $"{staticPodPath.TrimEnd('/')}/{file}", text);
            }
            catch (EtcdDrException e) when (file is not ("etcd.yaml" or "kube-apiserver.yaml"))
            {
                unreadable.Add(new UnreadableManifest(file, e.Message));
            }
        }

        var etcd = Find(node, pods, "etcd");
        var apiServer = Find(node, pods, "kube-apiserver");
        return new NodeManifests(node, staticPodPath, texts)
        {
            Pods = pods,
            Unreadable = unreadable,
            Etcd = etcd is null ? null : EtcdMemberConfiguration.From(etcd),
            ApiServer = apiServer is null ? null : ApiServerConfiguration.From(apiServer),
            ControllerManager = Find(node, pods, "kube-controller-manager"),
            Scheduler = Find(node, pods, "kube-scheduler"),
        };
    }

    /// <summary>etcd of this node.</summary>
    /// <exception cref="EtcdDrException"><c>ExternalEtcd</c> if the apiserver uses etcd elsewhere; <c>EtcdManifestNotFound</c>
    /// otherwise.</exception>
    public EtcdMemberConfiguration RequireEtcd() =>
        this switch
        {
            { Etcd: { } etcd } => etcd,
            { ApiServer: { UsesLoopbackEtcd: false } apiServer } => throw ManifestErrors.ExternalEtcd(Node, apiServer.EtcdServers),
            _ => throw ManifestErrors.NoEtcdManifest(Node, StaticPodPath),
        };

    /// <summary>kube-apiserver of this node.</summary>
    /// <exception cref="EtcdDrException"><c>ApiServerManifestNotFound</c>.</exception>
    public ApiServerConfiguration RequireApiServer() => ApiServer ?? throw ManifestErrors.NoApiServerManifest(Node, StaticPodPath);

    /// <summary>The one pod that runs a component; null where the node has none.</summary>
    /// <exception cref="EtcdDrException">
    /// <c>ManifestAmbiguous</c>: several files define it. The kubelet runs one of them and would go on with another as soon as that one is
    /// taken aside.
    /// </exception>
    internal StaticPodManifest? RequireOne(string component)
    {
        var files = Defining(Pods, component);
        return files.Count <= 1 ? files.Select(f => Pods[f]).FirstOrDefault() : throw Ambiguous(Node, component, files);
    }

    /// <summary>Names of the files that define a component.</summary>
    internal IReadOnlyList<string> FilesOf(string component) => Defining(Pods, component);

    // kubeadm's own name is taken for the one that runs, so that a copy beside it (etcd.yaml.bak) hides nothing from those who only look;
    // who takes it aside asks RequireOne.
    private static StaticPodManifest? Find(string node, Dictionary<string, StaticPodManifest> pods, string program)
    {
        if (pods.TryGetValue($"{program}.yaml", out var usual))
        {
            return usual;
        }

        // The kubelet reads every file whatever its name, so one that is named otherwise counts if it is the only one.
        var found = Defining(pods, program);
        return found.Count <= 1 ? found.Select(f => pods[f]).FirstOrDefault() : throw Ambiguous(node, program, found);
    }

    private static List<string> Defining(IReadOnlyDictionary<string, StaticPodManifest> pods, string component) =>
        [.. pods.Where(p => p.Key == $"{component}.yaml" || p.Value.Runs(component)).Select(p => p.Key).Order(StringComparer.Ordinal)];

    private static EtcdDrException Ambiguous(string node, string component, IReadOnlyList<string> files) =>
        new(
            "ManifestAmbiguous",
            EtcdDrErrorCategory.InvalidData,
            Errors.ManifestAmbiguous.With(node, files.Count, component, string.Join(", ", files)),
            Errors.ManifestAmbiguous_Action,
            node
        );

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
