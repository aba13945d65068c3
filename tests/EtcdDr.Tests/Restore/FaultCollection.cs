namespace EtcdDr.Tests.Restore;

/// <summary>Tests that share the lab of <see cref="FaultFixture"/>; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultFixture>
{
    public const string Name = "Faults";
}
