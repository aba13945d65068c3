using EtcdDr.Engine.Mirror.Fencing;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Whether the primary still acts. Of a standby's primary that is as it should be; before a failover it is what to end
/// first.</summary>
internal sealed class PrimaryActivityCheck : IMirrorCheck
{
    public string Name => "PrimaryActivity";

    public string Category => "Failover";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (!primary.IsLive)
        {
            return [MirrorFinding.Information("A snapshot does not tell whether the cluster that it came from still runs.")];
        }

        var activity = SiteActivity.Of(primary);
        return
        [
            MirrorFinding.Information(
                !activity.Answers
                    ? "The primary's API does not answer from here. That is no proof that its nodes are off: pods run on without it."
                : activity.Holds.Count > 0
                    ? $"The primary serves and acts: {string.Join("; ", activity.Holds)}. Fence it before a failover."
                : activity.LeasesAreKnown
                    ? "The primary's API answers, but nothing holds a lease there: its controllers and kubelets stand still."
                : "The primary's API answers; its leases may not be read, so whether it acts is not known."
            ),
        ];
    }
}
