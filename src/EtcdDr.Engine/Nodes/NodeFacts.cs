using System.Globalization;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Journals;

namespace EtcdDr.Engine.Nodes;

/// <summary>What reading a control-plane node told, for whoever asks: a restore, a mirror check.</summary>
internal sealed record NodeFacts
{
    public required ClusterNode Node { get; init; }

    /// <summary>Its static pods, in place or held aside by a restore.</summary>
    public required NodeManifests Manifests { get; init; }

    public required EtcdMemberConfiguration Etcd { get; init; }

    /// <summary>etcd's programs that the node has.</summary>
    public required NodePrograms Programs { get; init; }

    /// <summary>Version of the etcd that the manifest runs; null where nothing tells it.</summary>
    public string? EtcdVersion => Programs.EtcdVersion;

    /// <summary>Journals of restores on the node.</summary>
    public required IReadOnlyList<NodeJournal> Journals { get; init; }

    public required IReadOnlyDictionary<string, string> Probe { get; init; }

    /// <summary>Whether Stop-EtcdControlPlane holds manifests of the node.</summary>
    public bool ControlPlaneIsStopped { get; init; }

    public string RuntimeEndpoint { get; init; } = string.Empty;

    /// <summary>The database file of its member, running or not; null where there is none.</summary>
    public MemberDatabase? Database { get; init; }

    /// <summary>Certificates that its control plane needs when it starts.</summary>
    public IReadOnlyList<NodeCertificate> Certificates { get; init; } = [];

    /// <summary>The node's own clock as it was read, UTC; null where it was not.</summary>
    public DateTime? Clock =>
        double.TryParse(Probe.GetValueOrDefault("clock"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? DateTime.UnixEpoch.AddSeconds(seconds)
            : null;

    /// <summary>Its processor, as uname has it; empty where it was not told.</summary>
    public string Machine => Probe.GetValueOrDefault("machine") ?? string.Empty;

    /// <summary>etcd's data directory as it really is, where links lead to.</summary>
    public string DataDirectory => Probe.GetValueOrDefault("data-real") ?? Etcd.DataHostPath;

    /// <summary>The same of a write-ahead log of its own; null where there is none.</summary>
    public string? WalDirectory => Probe.GetValueOrDefault("wal-real") ?? Etcd.WalHostPath;

    /// <summary>Parts of the data directory that are links, or on another device than the rest of it.</summary>
    public IReadOnlyList<string> DataApart =>
        Probe.GetValueOrDefault("data-apart")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Why crictl gets no answer from the container runtime; null where it gets one, or was not asked.</summary>
    public string? RuntimeFailure => Probe.GetValueOrDefault("runtime-failure");

    public bool DataIsMounted => Is("data-mounted");

    public bool WalIsMounted => Is("wal-mounted");

    public bool KubeletActive => Probe.GetValueOrDefault("kubelet") == "active";

    public bool HasCrictl => Is("crictl");

    public bool HasFlock => Is("flock");

    public long FreeBytes => Number("data-free");

    public long WalFreeBytes => Number("wal-free");

    public long ConfigFreeBytes => Number("config-free");

    public long UsedBytes => Number("data-used");

    private bool Is(string name) => Probe.GetValueOrDefault(name) == "yes";

    private long Number(string name) =>
        long.TryParse(Probe.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
