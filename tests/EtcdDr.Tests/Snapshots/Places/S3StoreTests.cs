using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Lab.ObjectStorage;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>A bucket of a strict small S3 server keeps the contract of places.</summary>
public sealed class S3StoreTests : SnapshotStoreContract, IAsyncLifetime
{
    private S3Server _server = null!;

    public async Task InitializeAsync() => _server = await S3Server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private protected override Task<ISnapshotStore> OpenAsync() => Task.FromResult<ISnapshotStore>(S3Places.Open(_server));
}
