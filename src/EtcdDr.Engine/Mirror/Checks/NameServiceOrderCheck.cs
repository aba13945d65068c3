namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The order of hosts: in nsswitch.conf is the same on all nodes of the secondary, files or dns first.</summary>
internal sealed class NameServiceOrderCheck : IMirrorCheck
{
    public string Name => "NameServiceOrder";

    public string Category => "Names";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var orders = secondary
            .Probed.Select(n => (Node: n, Order: string.Join(' ', n.Probe!.NameServices.Where(s => s is "files" or "dns"))))
            .ToList();
        var usual = orders.GroupBy(o => o.Order).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault();
        var findings = orders
            .Where(o => o.Order != usual)
            .Select(o =>
                MirrorFinding.Warning(
                    $"Node '{o.Node.Name}' looks up hosts by '{o.Order}', the other nodes by '{usual}'.",
                    "Set the same order in the 'hosts:' line of /etc/nsswitch.conf on all nodes."
                ) with
                {
                    Node = o.Node.Name,
                    Secondary = o.Order,
                }
            );
        return MirrorFinding.OrPass(findings, secondary.Probed.Any(), $"All nodes that answer look up hosts by '{usual}'.");
    }
}
