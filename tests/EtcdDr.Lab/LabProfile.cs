using System.Globalization;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Nodes;

namespace EtcdDr.Lab;

/// <summary>The profile that a user of the lab's clusters would write.</summary>
internal static class LabProfile
{
    /// <summary>Name of a host of the secondary's site to copy snapshots to.</summary>
    public const string FarHost = "dr-bastion";

    public static string Render(string directory, IReadOnlyList<ClusterLayout> clusters) =>
        $"""
            defaults:
              ssh:
                user: {SystemFiles.User}
                keyFile: {directory}/id_ed25519
                knownHosts: {directory}/known_hosts
                configFile: none
                useAgent: false
            clusters:
            {string.Concat(clusters.Select(cluster => Cluster(directory, cluster)))}hosts:
              {FarHost}:
                address: {clusters[^1].Nodes.Last().Address}

            """;

    private static string Cluster(string directory, ClusterLayout cluster) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
              {cluster.Site}:
                kubeconfig: {directory}/{cluster.Site}.kubeconfig
                # Both sites have the same host name; this machine sees both.
                serverAddress: {cluster.EndpointAddress}
                nodes:
            {string.Join(
                '\n',
                cluster.ControlPlanes.Select(n => Node(n, "control-plane")).Concat(cluster.Workers.Select(n => Node(n, "worker")))
            )}

            """
        );

    private static string Node((string Name, string Address) node, string role) =>
        $"      - name: {node.Name}\n        role: {role}\n        address: {node.Address}";
}
