namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Clocks of the secondary's nodes agree within a second.</summary>
internal sealed class ClockCheck : IMirrorCheck
{
    public string Name => "Clock";

    public string Category => "Names";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.Probed.Where(n => double.IsFinite(n.Probe!.ClockAtLeast) && double.IsFinite(n.Probe.ClockAtMost)).ToList();
        if (known.Count == 0)
        {
            return [MirrorFinding.Information("No node told its clock.")];
        }

        var middles = known.Select(n => (n.Probe!.ClockAtLeast + n.Probe.ClockAtMost) / 2).Order().ToList();
        var reference = middles[middles.Count / 2];
        var off = known
            .Where(n => n.Probe!.ClockAtLeast - reference > 1 || n.Probe.ClockAtMost - reference < -1)
            .Select(n =>
                MirrorFinding.Fail(
                    $"The clock of node '{n.Name}' is {(n.Probe!.ClockAtLeast + n.Probe.ClockAtMost) / 2 - reference:+0.0;-0.0} s off "
                        + "the other nodes'.",
                    "Start time synchronisation (chrony or systemd-timesyncd) on that node."
                ) with
                {
                    Node = n.Name,
                }
            );
        return MirrorFinding.OrPass(off, true, "Clocks of the nodes agree within a second.");
    }
}
