using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Objects;
using EtcdDr.Engine.Snapshots.Places.Objects.S3;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>A bucket of a real S3 server, Ceph's radosgw, keeps the contract of places.</summary>
[Trait("Category", "Lab")]
public sealed class CephStoreTests(CephFixture fixture) : SnapshotStoreContract, IClassFixture<CephFixture>
{
    private readonly string _prefix = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_large_file_goes_in_parts_and_a_cut_one_goes_on()
    {
        await PartsCheck.RunAsync(Open, default);
    }

    private protected override Task<ISnapshotStore> OpenAsync() => Task.FromResult<ISnapshotStore>(Open());

    private ObjectStore Open()
    {
        var bucket = new S3Bucket(S3Clients.Create(S3Places.Settings(fixture.Endpoint), "s3://backups"), CephFixture.Bucket);
        return new ObjectStore(new RetryingBucket(bucket, TimeProvider.System, _ => { }), _prefix, _ => { });
    }
}
