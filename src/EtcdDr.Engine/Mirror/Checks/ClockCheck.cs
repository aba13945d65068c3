namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Clocks of the secondary's nodes agree within a second, and with this machine's within a few.</summary>
internal sealed class ClockCheck : IMirrorCheck
{
    private const double Tolerance = 5;

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
        return MirrorFinding.OrPass([.. off, .. Here(reference)], true, "Clocks of the nodes agree within a second.");
    }

    // Certificates, names of snapshots and restores, and what reports say go by this machine's clock.
    private static IEnumerable<MirrorFinding> Here(double ahead) =>
        Math.Abs(ahead) <= Tolerance
            ? []
            :
            [
                MirrorFinding.Warning(
                    $"The clock of this machine ({Environment.MachineName}) is {Math.Abs(ahead):0.0} s "
                        + $"{(ahead > 0 ? "behind" : "ahead of")} the nodes'.",
                    "Start time synchronisation (chrony or systemd-timesyncd) on this machine, or on the nodes where theirs is wrong."
                ),
            ];
}
