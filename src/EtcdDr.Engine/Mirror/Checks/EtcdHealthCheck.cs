namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Members of the secondary's etcd are healthy and raise no alarm.</summary>
internal sealed class EtcdHealthCheck : IMirrorCheck
{
    public string Name => "EtcdHealth";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        // A node that does not answer at all is told of by its access.
        var silent = secondary.Nodes.Where(n => n.Failure is not null).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var findings = secondary
            .Members.Where(m => !m.Healthy && !silent.Contains(m.Node))
            .Select(m =>
                MirrorFinding.Fail(
                    $"etcd on node '{m.Node}' is not healthy: "
                        + $"{string.Join("; ", m.Alarms.Concat(m.Errors).Select(w => w.TrimEnd('.')).DefaultIfEmpty("it has no leader"))}.",
                    "Look at Get-EtcdStatus; remove alarms and start the member."
                ) with
                {
                    Node = m.Node,
                }
            );
        return MirrorFinding.OrPass(
            findings,
            secondary.Members.Any(m => m.Healthy),
            $"{secondary.Members.Count(m => m.Healthy)} members are healthy."
        );
    }
}
