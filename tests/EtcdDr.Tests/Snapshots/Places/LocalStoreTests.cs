using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>A directory of this machine keeps the contract of places.</summary>
public sealed class LocalStoreTests : SnapshotStoreContract, IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    private protected override Task<ISnapshotStore> OpenAsync() =>
        Task.FromResult<ISnapshotStore>(new LocalSnapshotStore(_temp.At("new", "store")));
}
