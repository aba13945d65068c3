using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Packages;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

[Trait("Category", "Lab")]
[Collection(DrillCollection.Name)]
public sealed class SnapshotDrillTests
{
    [Theory]
    [InlineData("3.4")]
    [InlineData("3.5")]
    public async Task A_snapshot_of_real_etcd_restores_in_a_drill_that_leaves_nothing_behind(string version)
    {
        await using var etcd = await LoneEtcd.StartAsync(version);
        await etcd.PutManyAsync(Enumerable.Range(0, 500).Select(i => ($"/registry/pods/a/p{i}", new byte[100])));
        await etcd.DeleteAsync("/registry/pods/a/p7");
        await etcd.CompactAsync(4);
        var before = Scratch();
        var tests = await DrillAsync(await etcd.SnapshotAsync(), await EtcdPackages.GetAsync(version));
        var drill = Assert.Single(tests, t => t.Check == "Drill");
        Assert.True(drill.Success, drill.Message);
        Assert.Contains("499 keys", drill.Message, StringComparison.Ordinal);
        Assert.Equal(before, Scratch());
    }

    [Fact]
    public async Task A_damaged_file_fails_its_drill_and_leaves_nothing_behind()
    {
        await using var etcd = await LoneEtcd.StartAsync("3.5");
        await etcd.PutAsync("a", "1");
        var path = await etcd.SnapshotAsync();
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var before = Scratch();
        var drill = Assert.Single(await DrillAsync(path, await EtcdPackages.GetAsync("3.5")), t => t.Check == "Drill");
        Assert.Equal(SnapshotTestSeverity.Error, drill.Severity);
        Assert.Equal(before, Scratch());
    }

    [Fact]
    public void A_drill_without_its_tools_says_which_one_is_missing()
    {
        using var empty = new TempDirectory();
        var failure = Assert.Throws<EtcdDrException>(() =>
            new SnapshotVerifier(new SshHostFactory(), new OperationContext(new RecordingSink())).UseLocalDrill(empty.Path)
        );
        Assert.Equal("DrillToolMissing", failure.ErrorId);
    }

    private static async Task<List<EtcdSnapshotTest>> DrillAsync(string path, string tools)
    {
        var tests = new List<EtcdSnapshotTest>();
        var verifier = new SnapshotVerifier(new SshHostFactory(), new OperationContext(new RecordingSink()));
        verifier.UseLocalDrill(tools);
        await verifier.VerifyAsync(
            new EtcdSnapshot
            {
                Name = Path.GetFileName(path),
                Path = path,
                Format = SnapshotFormat.Database,
            },
            tests.Add,
            default
        );
        return tests;
    }

    private static IEnumerable<string> Scratch() => Directory.EnumerateDirectories(Path.GetTempPath(), "etcddr-drill-*").Order().ToList();
}
