using System.Text.Json.Serialization;
using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Journals;

/// <summary>What the inverse of a restore needs to know about one control-plane node.</summary>
public sealed record JournalNode
{
    private const string RaisedSuffix = ".raised";

    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The member's name in the restored etcd.</summary>
    public required string MemberName { get; init; }

    /// <summary>Peer URLs of the restored member.</summary>
    public required IReadOnlyList<string> PeerUrls { get; init; }

    /// <summary>Where the kubelet looks for static pods.</summary>
    public required string ManifestDirectory { get; init; }

    /// <summary>Directory of this restore on the node: journal, held manifests, keys. On the file system of the manifests.</summary>
    public required string JournalDirectory { get; init; }

    /// <summary>Endpoint of the container runtime, or an empty string for crictl's own default.</summary>
    public string RuntimeEndpoint { get; init; } = string.Empty;

    /// <summary>Parts of the control plane that the node runs.</summary>
    public required IReadOnlyList<string> Components { get; init; }

    /// <summary>Files and pods of these parts; empty in journals of versions that knew them under kubeadm's names only.</summary>
    public IReadOnlyList<ControlPlanePart> Files { get; init; } = [];

    /// <summary>The parts, each with its file and pod.</summary>
    [JsonIgnore]
    public IReadOnlyList<ControlPlanePart> Parts => Files.Count > 0 ? Files : [.. Components.Select(ControlPlanePart.Usual)];

    /// <summary>Where the new data is built and the previous is kept: on the file system of the data directory.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>The same for a separate write-ahead log; null where there is none.</summary>
    public string? WalWorkDirectory { get; init; }

    /// <summary>etcd's data directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Directories that are swapped.</summary>
    public required IReadOnlyList<JournalUnit> Units { get; init; }

    /// <summary>Key and configuration files that are swapped.</summary>
    public IReadOnlyList<JournalKey> Keys { get; init; } = [];

    /// <summary>What served there before; null in journals of versions that did not record it.</summary>
    public MemberBefore? Before { get; init; }

    /// <summary>Where the previous data is built anew, with raised revisions: beside the work directory, since its checks are for such a
    /// place.</summary>
    [JsonIgnore]
    public string RaisedDirectory => WorkDirectory + RaisedSuffix;

    /// <summary>The same for a separate write-ahead log; null where there is none.</summary>
    [JsonIgnore]
    public string? WalRaisedDirectory => WalWorkDirectory is null ? null : WalWorkDirectory + RaisedSuffix;

    /// <summary>The previous database, while it is kept.</summary>
    [JsonIgnore]
    public string PreviousDatabase => $"{Units[0].Previous}/member/snap/db";

    /// <summary>Where the manifests are held while the control plane is stopped.</summary>
    public string HoldDirectory => JournalDirectory + "/manifests";
}
