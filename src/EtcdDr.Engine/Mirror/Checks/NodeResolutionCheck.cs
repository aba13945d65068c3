namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>On every node of the secondary each node name resolves to that site's address.</summary>
internal sealed class NodeResolutionCheck : IMirrorCheck
{
    public string Name => "NodeResolution";

    public string Category => "Names";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var own = secondary.Nodes.ToDictionary(
            n => n.Name,
            n => n.Probe?.Addresses.Append(n.Address ?? "").ToHashSet() ?? [n.Address ?? ""],
            StringComparer.Ordinal
        );
        var findings = new List<MirrorFinding>();
        foreach (var node in secondary.Probed)
        {
            foreach (var (name, addresses) in node.Probe!.Names.Where(n => own.ContainsKey(n.Key)))
            {
                // Debian gives a machine's own name 127.0.1.1.
                if (addresses.Any(own[name].Contains) || (name == node.Name && addresses.Any(IsLoopback)))
                {
                    continue;
                }

                findings.Add(Finding(node, name, addresses, own[name]) with { Node = node.Name });
            }
        }

        return MirrorFinding.OrPass(
            findings,
            secondary.Probed.Any(),
            "Node names resolve to the secondary's addresses on every node that answers."
        );
    }

    private static MirrorFinding Finding(SiteNode node, string name, IReadOnlyList<string> addresses, IEnumerable<string> own)
    {
        const string remedy = "Correct DNS or /etc/hosts of that node.";
        if (addresses.Count == 0)
        {
            return MirrorFinding.Warning($"On node '{node.Name}' the name {name} does not resolve.", remedy);
        }

        var found = string.Join(", ", addresses);
        return MirrorFinding.Fail(
            $"On node '{node.Name}' the name {name} resolves to {found}; the secondary's {name} is "
                + $"{string.Join(", ", own.Where(a => a.Length > 0))}.",
            remedy
        ) with
        {
            Secondary = found,
        };
    }

    private static bool IsLoopback(string address) =>
        System.Net.IPAddress.TryParse(address, out var parsed) && System.Net.IPAddress.IsLoopback(parsed);
}
