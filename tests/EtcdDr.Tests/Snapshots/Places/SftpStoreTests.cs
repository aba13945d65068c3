using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;
using EtcdDr.Tests.Ssh;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>A directory behind a real sshd keeps the contract of places.</summary>
[Trait("Category", "Lab")]
public sealed class SftpStoreTests(SshServerFixture fixture) : SnapshotStoreContract, IClassFixture<SshServerFixture>
{
    private readonly string _directory = Path.Combine(fixture.Server.Root, "home", SshServer.Operator, Guid.NewGuid().ToString("N"));

    private protected override async Task<ISnapshotStore> OpenAsync() =>
        await SftpSnapshotStore.OpenAsync(await fixture.Server.ConnectAsync(), _directory, ownsHost: true, default);
}
