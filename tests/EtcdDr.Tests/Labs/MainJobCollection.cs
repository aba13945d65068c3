namespace EtcdDr.Tests.Labs;

/// <summary>Whole drills; nothing else runs beside them, so that a small machine has its cores for them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MainJobCollection
{
    public const string Name = "Main job";
}
