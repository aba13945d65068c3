namespace EtcdDr.Engine.Reports;

/// <summary>What a report tells of, sorted by kind and otherwise in the order in which it came.</summary>
public sealed class ReportContent
{
    private readonly List<EtcdRestore> _restores = [];
    private readonly List<EtcdSnapshot> _snapshots = [];
    private readonly List<EtcdSnapshotTest> _tests = [];
    private readonly List<MirrorCheck> _mirror = [];
    private readonly List<InventoryDifference> _differences = [];
    private readonly List<InventoryKindSummary> _kinds = [];
    private readonly List<EtcdMemberStatus> _members = [];

    /// <summary>Restores and undone restores.</summary>
    public IReadOnlyList<EtcdRestore> Restores => _restores;

    /// <summary>Snapshots, copies of them too.</summary>
    public IReadOnlyList<EtcdSnapshot> Snapshots => _snapshots;

    /// <summary>Checks of snapshots.</summary>
    public IReadOnlyList<EtcdSnapshotTest> Tests => _tests;

    /// <summary>Checks of two sites.</summary>
    public IReadOnlyList<MirrorCheck> Mirror => _mirror;

    /// <summary>Objects that differ from a snapshot.</summary>
    public IReadOnlyList<InventoryDifference> Differences => _differences;

    /// <summary>Objects by kind, compared with a snapshot.</summary>
    public IReadOnlyList<InventoryKindSummary> Kinds => _kinds;

    /// <summary>etcd members.</summary>
    public IReadOnlyList<EtcdMemberStatus> Members => _members;

    /// <summary>Whether there is nothing to tell.</summary>
    public bool IsEmpty =>
        _restores.Count + _snapshots.Count + _tests.Count + _mirror.Count + _differences.Count + _kinds.Count + _members.Count == 0;

    /// <summary>Adds an object that a cmdlet of this module emitted.</summary>
    /// <exception cref="EtcdDrException"><c>ReportInputUnknown</c>: no report tells of such objects.</exception>
    public void Add(object item)
    {
        ArgumentNullException.ThrowIfNull(item);
        switch (item)
        {
            case EtcdRestore restore:
                _restores.Add(restore);
                break;
            case EtcdSnapshot snapshot:
                _snapshots.Add(snapshot);
                break;
            case EtcdSnapshotTest test:
                _tests.Add(test);
                break;
            case MirrorCheck check:
                _mirror.Add(check);
                break;
            case InventoryDifference difference:
                _differences.Add(difference);
                break;
            case InventoryKindSummary kind:
                _kinds.Add(kind);
                break;
            case EtcdMemberStatus member:
                _members.Add(member);
                break;
            default:
                throw ReportErrors.InputUnknown(item.GetType().FullName!);
        }
    }

    /// <summary>The snapshot that a check is about, where it was given too.</summary>
    internal EtcdSnapshot? SnapshotOf(EtcdSnapshotTest test) => _snapshots.Find(s => s.ToString() == test.Snapshot);
}
