namespace EtcdDr.Tests.Labs;

/// <summary>Tests that share the lab of <see cref="LabFixture"/>; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class LabCollection : ICollectionFixture<LabFixture>
{
    public const string Name = "Lab";
}
