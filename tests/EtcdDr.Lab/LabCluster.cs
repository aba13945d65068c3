using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>One of a lab's clusters.</summary>
public sealed class LabCluster
{
    internal LabCluster(string labDirectory, LabState.SiteState site, NodeEnvironment environment)
    {
        Name = site.Name;
        EndpointHost = site.EndpointHost;
        EndpointAddress = $"{site.Subnet}.10";
        EndpointPort = site.EndpointPort;
        Kubeconfig = Path.Combine(labDirectory, $"{site.Name}.kubeconfig");
        CaFile = Path.Combine(labDirectory, $"{site.Name}.ca.crt");
        Nodes = [.. site.Nodes.Select(node => new LabNode(node, environment))];
    }

    /// <summary>primary or secondary: its name in the profile.</summary>
    public string Name { get; }

    /// <summary>An administrator's kubeconfig. It names the front end by the host name that both sites share.</summary>
    public string Kubeconfig { get; }

    /// <summary>The cluster's CA certificate.</summary>
    public string CaFile { get; }

    /// <summary>Host name of the front end.</summary>
    public string EndpointHost { get; }

    /// <summary>Address of this site's front end.</summary>
    public string EndpointAddress { get; }

    /// <summary>Port of the front end.</summary>
    public int EndpointPort { get; }

    /// <summary>All nodes, the control plane first.</summary>
    public IReadOnlyList<LabNode> Nodes { get; }

    /// <summary>The control-plane nodes.</summary>
    public IEnumerable<LabNode> ControlPlane => Nodes.Where(node => node.IsControlPlane);

    /// <summary>The workers.</summary>
    public IEnumerable<LabNode> Workers => Nodes.Where(node => !node.IsControlPlane);

    /// <summary>A node by name.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public LabNode this[string name] =>
        Nodes.FirstOrDefault(node => node.Name == name) ?? throw new LabException($"{Name} has no node '{name}'.");

    /// <summary>A client of the cluster's API with an administrator's rights.</summary>
    public LabApi ConnectApi() => new(this);

    /// <summary>A client that may all, whatever roles and bindings say: super-admin.conf of the first node.</summary>
    public LabApi ConnectApiAsSuperAdmin() => new(this, Nodes[0].PathOf("/etc/kubernetes/super-admin.conf"));

    /// <summary>
    /// Makes the line from this machine to the site slow, which all its nodes share; between each other they stay as fast as the machine.
    /// </summary>
    /// <param name="rate">A rate as tc takes it, such as 200mbit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SlowLineAsync(string rate, CancellationToken cancellationToken = default) =>
        Tool.RunAsync(
            "tc",
            ["qdisc", "replace", "dev", Nodes[0].Specification.Bridge, "root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms"],
            cancellationToken
        );

    /// <inheritdoc/>
    public override string ToString() => Name;
}
