namespace EtcdDr.Tests.Snapshots;

/// <summary>Tests that look at scratch directories of drills on this machine; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class DrillCollection
{
    public const string Name = "Drill directories";
}
