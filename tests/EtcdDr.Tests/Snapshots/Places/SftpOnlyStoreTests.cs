using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>A directory of a host whose account may only use SFTP keeps the contract of places.</summary>
public sealed class SftpOnlyStoreTests : SnapshotStoreContract, IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    private protected override async Task<ISnapshotStore> OpenAsync() =>
        await SftpSnapshotStore.OpenAsync(new DirectoryHost("dr", _temp.Path) { HasShell = false }, "/new/store", ownsHost: true, default);
}
