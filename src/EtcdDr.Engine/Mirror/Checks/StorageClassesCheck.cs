using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the primary's storage classes; one that volumes or claims use must be there.</summary>
internal sealed class StorageClassesCheck : IMirrorCheck
{
    private const string Resource = "storageclasses.storage.k8s.io";

    public string Name => "StorageClasses";

    public string Category => "Workloads";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NamesOf(Resource) is not { } theirs || secondary.NamesOf(Resource) is not { } ours)
        {
            return [MirrorFinding.Information("The storage classes of one of the sites are not known.")];
        }

        var missing = theirs.Except(ours).Order(StringComparer.Ordinal).ToList();
        var used = missing.Where(InUse(primary).Contains).ToList();
        var unused = missing.Except(used).ToList();
        var findings = new List<MirrorFinding>();
        if (used.Count > 0)
        {
            findings.Add(
                MirrorFinding.Fail(
                    $"The secondary lacks the storage classes {string.Join(", ", used)}, which claims of the primary use.",
                    "Install what provides these classes on the secondary (driver and StorageClass)."
                ) with
                {
                    Primary = string.Join(", ", used),
                }
            );
        }

        if (unused.Count > 0)
        {
            findings.Add(
                MirrorFinding.Warning(
                    $"The secondary lacks the storage classes {string.Join(", ", unused)}.",
                    "A restore brings the objects; make sure that what stands behind them works on the secondary."
                ) with
                {
                    Primary = string.Join(", ", unused),
                }
            );
        }

        return MirrorFinding.OrPass(findings, true, $"The secondary has all {theirs.Count} storage classes of the primary.");
    }

    private static HashSet<string> InUse(SiteFacts site) =>
        [
            .. (site.Of("persistentvolumeclaims") ?? [])
                .Concat(site.Of("persistentvolumes") ?? [])
                .Select(c => InventoryRules.Text(c["spec"]?["storageClassName"]))
                .OfType<string>(),
        ];
}
