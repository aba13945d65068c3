namespace EtcdDr.Tests.Snapshots;

/// <summary>Tests that change something of the whole process (its umask); nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWideCollection
{
    public const string Name = "Process-wide";
}
