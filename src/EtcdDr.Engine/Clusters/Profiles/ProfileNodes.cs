using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Reads <c>nodes</c> of a cluster: a map of names to addresses, or a list of nodes with name, address and role.</summary>
internal static class ProfileNodes
{
    private const string Key = "nodes";

    public static (IReadOnlyList<ClusterNode> Nodes, IReadOnlyDictionary<string, string> Addresses) Read(ProfileSection cluster)
    {
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        return cluster.Value(Key) switch
        {
            null => ([], addresses),
            { Kind: YamlKind.Mapping } => ([], ReadMap(cluster.Section(Key)!, addresses)),
            { Kind: YamlKind.Sequence } list => (ReadList(cluster, list, addresses), addresses),
            var other => throw cluster.Wrong(Key, other, Errors.ProfileInvalid_Nodes_Part),
        };
    }

    private static Dictionary<string, string> ReadMap(ProfileSection map, Dictionary<string, string> addresses)
    {
        foreach (var entry in map.Entries)
        {
            addresses[entry.Key] =
                map.Text(entry.Key) ?? throw map.Invalid(entry.Line, Errors.ProfileInvalid_NoAddress_Part.With(entry.Key));
        }

        return addresses;
    }

    private static List<ClusterNode> ReadList(ProfileSection cluster, YamlElement list, Dictionary<string, string> addresses)
    {
        var nodes = new List<ClusterNode>();
        foreach (var item in list.Items)
        {
            var section = cluster.Item(Errors.ProfileInvalid_Node_Part.With(cluster.Name), item);
            section.Allow("name", "address", "role");
            var name = section.Text("name") ?? throw section.Invalid(item.Line, Errors.ProfileInvalid_NoNodeName_Part);
            var address = section.Text("address");
            if (!addresses.TryAdd(name, address ?? name))
            {
                throw section.Invalid(item.Line, Errors.ProfileInvalid_NodeTwice_Part.With(name));
            }

            if (Role(section) is { } role)
            {
                nodes.Add(new ClusterNode(name, role, address ?? name));
            }
        }

        return nodes.Count == 0 || nodes.Count == list.Items.Count
            ? nodes
            : throw cluster.Invalid(list.Line, Errors.ProfileInvalid_SomeRoles_Part.With(cluster.Name));
    }

    private static NodeRole? Role(ProfileSection node) =>
        node.Text("role") switch
        {
            null => null,
            "control-plane" or "controlPlane" => NodeRole.ControlPlane,
            "worker" => NodeRole.Worker,
            _ => throw node.Wrong("role", node.Value("role")!, Errors.ProfileInvalid_Role_Part),
        };
}
