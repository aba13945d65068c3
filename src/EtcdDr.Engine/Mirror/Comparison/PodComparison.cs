using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Engine.Mirror.Comparison;

/// <summary>
/// Compares pods that a controller owns: by owner, how many there are and how many of them are ready. Their names say nothing, as a
/// recycled pod gets a new one. Where the owner itself is missing or new, that is reported and its pods are not.
/// </summary>
internal sealed class PodComparison
{
    private readonly SortedDictionary<(string Namespace, string Owner), Tally> _groups = new(
        Comparer<(string Namespace, string Owner)>.Create(
            (a, b) =>
                string.CompareOrdinal(a.Namespace, b.Namespace) is var order and not 0 ? order : string.CompareOrdinal(a.Owner, b.Owner)
        )
    );

    private readonly HashSet<(string? Namespace, string Owner)> _jobs = [];
    private readonly HashSet<(string? Namespace, string Owner)> _gone = [];
    private readonly HashSet<(string? Namespace, string Owner)> _changed = [];

    /// <summary>Adds a pod of the snapshot.</summary>
    public void Before(InventoryRecord pod) => Group(pod).AddBefore(pod.Ready == true);

    /// <summary>Adds a pod of the other side.</summary>
    public void Now(InventoryRecord pod) => Group(pod).AddNow(pod.Ready == true);

    /// <summary>Notes what became of an object that may own pods.</summary>
    /// <param name="record">The object.</param>
    /// <param name="exists">Whether it is on both sides.</param>
    /// <param name="changed">Whether it differs.</param>
    public void Owner(InventoryRecord record, bool exists, bool changed = false)
    {
        var owner = (record.Namespace, $"{record.Kind}/{record.Name}");
        if (!exists)
        {
            _gone.Add(owner);
        }
        else if (changed)
        {
            _changed.Add(owner);
        }

        if (exists && record is { Kind: "Job", Group: "batch" })
        {
            _jobs.Add(owner);
        }
    }

    /// <summary>Owners of which fewer pods run than when the snapshot was taken, with what is different.</summary>
    public IEnumerable<(InventoryRecord Owner, string Message)> Judge()
    {
        foreach (var ((@namespace, owner), tally) in _groups)
        {
            if (IsExplained(@namespace, owner) || !tally.IsWorse(_changed.Contains((@namespace, owner))))
            {
                continue;
            }

            var record = new InventoryRecord
            {
                Group = "",
                Version = "v1",
                Kind = "Pod",
                Namespace = @namespace,
                Name = owner,
            };
            yield return (record, tally.Message);
        }
    }

    private bool IsExplained(string @namespace, string owner)
    {
        // Static pods belong to nodes, which have no namespace.
        if (_gone.Contains((@namespace, owner)) || _gone.Contains((null, owner)))
        {
            return true;
        }

        // Jobs that a CronJob makes come and go and are in no inventory; what is left of their pods means nothing.
        return owner.StartsWith("Job/", StringComparison.Ordinal) && !_jobs.Contains((@namespace, owner));
    }

    private Tally Group(InventoryRecord pod)
    {
        var key = (pod.Namespace ?? "", pod.Owner!);
        if (!_groups.TryGetValue(key, out var tally))
        {
            tally = _groups[key] = new Tally(pod.Owner!.StartsWith("Job/", StringComparison.Ordinal));
        }

        return tally;
    }

    private sealed class Tally(bool ofJob)
    {
        private int _before;
        private int _readyBefore;
        private int _now;
        private int _readyNow;

        public string Message => $"{_readyBefore} of {_before} pods were ready when the snapshot was taken, {_readyNow} of {_now} are now.";

        public void AddBefore(bool ready)
        {
            _before++;
            _readyBefore += ready ? 1 : 0;
        }

        public void AddNow(bool ready)
        {
            _now++;
            _readyNow += ready ? 1 : 0;
        }

        public bool IsWorse(bool ownerChanged)
        {
            // A finished job's pods are removed by and by, and a changed owner may want fewer: then only those that do not run count.
            return ofJob || ownerChanged ? _now - _readyNow > _before - _readyBefore : _readyNow < _readyBefore;
        }
    }
}
