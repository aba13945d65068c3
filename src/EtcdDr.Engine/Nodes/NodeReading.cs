using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Nodes;

/// <summary>What one run of <see cref="NodeCommands.Read"/> told of a control-plane node.</summary>
internal sealed record NodeReading
{
    private const string Mark = "== ";

    /// <summary>The static pods that the kubelet has.</summary>
    public required NodeManifests InPlace { get; init; }

    /// <summary>These and those that a restore, Stop-EtcdControlPlane or a change of etcd's members holds aside.</summary>
    public required NodeManifests Manifests { get; init; }

    /// <summary>Journals of restores on the node.</summary>
    public required IReadOnlyList<NodeJournal> Journals { get; init; }

    /// <summary>The container that the kubelet runs from etcd's manifest; null where none runs.</summary>
    public EtcdContainer? EtcdContainer { get; init; }

    /// <summary>The container runtime's endpoint; empty for crictl's own.</summary>
    public string RuntimeEndpoint { get; init; } = string.Empty;

    /// <summary>Whether Stop-EtcdControlPlane holds manifests of the node.</summary>
    public bool ControlPlaneIsStopped { get; init; }

    /// <summary>Reads what the script printed.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="text">What it printed.</param>
    /// <param name="status">Its exit status.</param>
    /// <exception cref="EtcdDrException">As <see cref="NodeManifests.ReadAsync"/>, and a journal that cannot be read.</exception>
    public static NodeReading Parse(string node, string text, int status)
    {
        var parts = Parts(text);
        string Of(string name) => parts.FirstOrDefault(p => p.Name == name).Text ?? string.Empty;
        var inPlace = NodeManifests.FromListing(node, Of("manifests"), status);
        var held = parts.Where(p => p.Name is "held" or "stopped" or "members").Select(p => NodeManifests.FromListing(node, p.Text));
        var manifests = inPlace.With(held);
        return new NodeReading
        {
            InPlace = inPlace,
            Manifests = manifests,
            Journals = NodeJournal.Parse(node, Of("journals")),
            EtcdContainer = manifests.Etcd is { } etcd ? EtcdContainer.Find(Of("containers"), node, etcd.Manifest) : null,
            RuntimeEndpoint = Of("endpoint").Trim(),
            ControlPlaneIsStopped = parts.Exists(p => p.Name == "stopped"),
        };
    }

    private static List<(string Name, string Text)> Parts(string text)
    {
        var parts = new List<(string, string)>();
        foreach (var part in ("\n" + text).Split("\n" + Mark).Skip(1))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            parts.Add(end < 0 ? (part, string.Empty) : (part[..end], part[(end + 1)..] + "\n"));
        }

        return parts;
    }
}
