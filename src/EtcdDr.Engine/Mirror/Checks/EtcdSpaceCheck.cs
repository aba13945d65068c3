using EtcdDr.Engine.Restore;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Free space on the control-plane nodes for the staged data beside the present one.</summary>
internal sealed class EtcdSpaceCheck : IMirrorCheck
{
    public string Name => "EtcdSpace";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var need = RestorePlanner.NeededBytes(Math.Max(primary.DbSize, 1));
        var findings = secondary.ControlPlane.Where(n => n.Restore is { } r && r.FreeBytes < need).Select(n => MirrorFinding.Fail(
            $"The file system of {n.Restore!.Etcd.DataHostPath} on node '{n.Name}' has {HumanText.Size(n.Restore.FreeBytes)} free; a restore needs {HumanText.Size(need)} beside the present data.",
            "Free space there (Remove-EtcdRestoreBackup frees what earlier restores keep) or enlarge it.") with { Node = n.Name, Primary = HumanText.Size(need), Secondary = HumanText.Size(n.Restore.FreeBytes) });
        return MirrorFinding.OrPass(findings, secondary.ControlPlane.Any(n => n.Restore is not null), $"All control-plane nodes that answer have {HumanText.Size(need)} free.");
    }
}
