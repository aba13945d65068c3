using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Snapshots.Verification.Drill;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Packages;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Drills on a node: the real scripts in a real shell as root, real etcd; only the way to the node is missing.</summary>
[Trait("Category", "Lab")]
public sealed class RemoteDrillTests : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempDirectory _temp = new();
    private string _programs = string.Empty;
    private byte[] _database = [];

    // What a node has at fixed places lies below one directory here.
    private string Root => _temp.At("drills");

    public async Task InitializeAsync()
    {
        _programs = await EtcdPackages.GetAsync("3.5");
        await using var etcd = await LoneEtcd.StartAsync("3.5");
        await etcd.PutManyAsync(Enumerable.Range(0, 300).Select(i => ($"/registry/pods/a/p{i}", new byte[100])));
        await etcd.DeleteAsync("/registry/pods/a/p7");
        _database = await File.ReadAllBytesAsync(await etcd.SnapshotAsync());
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_node_proves_a_snapshot_with_its_own_programs_and_keeps_nothing_of_it()
    {
        var drill = await DrillAsync(_database);
        Assert.True(drill.Success, drill.Message);
        Assert.Contains("299 keys", drill.Message, StringComparison.Ordinal);
        Assert.Contains("node 'm1'", drill.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task A_damaged_file_fails_its_drill_and_leaves_nothing()
    {
        var drill = await DrillAsync([.. _database[..^1], (byte)(_database[^1] ^ 1)]);
        Assert.Equal(SnapshotTestSeverity.Error, drill.Severity);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task A_drill_whose_connection_ends_removes_all_that_it_made()
    {
        using var certificate = DrillCertificate.Create();
        byte[] all = [.. certificate.CertificatePem, .. certificate.KeyPem, .. _database];
        using var input = new MemoryStream(all);
        Assert.Equal(0, (await Host().WriteAsync(Command("drill-1", certificate, _database), input, None)).ExitStatus);
        Assert.False(Directory.Exists(Root));

        using var cut = new MemoryStream(all[..^1000]);
        Assert.Equal(DrillCommands.Damaged, (await Host().WriteAsync(Command("drill-2", certificate, _database), cut, None)).ExitStatus);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task What_a_killed_drill_left_is_ended_and_removed_by_the_next()
    {
        using var certificate = DrillCertificate.Create();
        var (shell, etcd) = await StartAsync(certificate);
        using (shell)
        using (etcd)
        {
            Assert.Equal("DrillBusy", await RefusalAsync(certificate));
            shell.Kill();
            await shell.WaitForExitAsync();
            Assert.False(etcd.HasExited);

            Assert.True((await DrillAsync(_database)).Success);
            Assert.True(etcd.WaitForExit(TimeSpan.FromMinutes(2)));
            Assert.False(Directory.Exists(Root));
        }
    }

    [Fact]
    public async Task A_node_without_etcd_says_what_is_missing()
    {
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => RemoteDrillTools.FindAsync(Host(), "2.9.1", _temp.Path, None));
        Assert.Equal("DrillToolMissing", failure.ErrorId);
        Assert.Contains("2.9", failure.Message, StringComparison.Ordinal);
    }

    private LocalHost Host() =>
        new("m1")
        {
            Rewrite = command =>
                command with
                {
                    Script = command.Script.Replace("/run/etcddr", _temp.At("run"), StringComparison.Ordinal),
                    Arguments = [.. command.Arguments.Select(a => a.Replace("/var/lib/etcddr-drill", Root, StringComparison.Ordinal))],
                },
        };

    private RemoteCommand Command(string name, DrillCertificate certificate, byte[] database) =>
        DrillCommands.Run.With(
            Root,
            name,
            Text(certificate.CertificatePem.Length),
            Text(certificate.KeyPem.Length),
            Text(database.Length),
            Convert.ToHexString(SHA256.HashData(database)).ToLowerInvariant(),
            "",
            $"file:{_programs}/etcdutl",
            "etcdutl",
            $"file:{_programs}/etcd",
            "jail",
            "1000",
            "check",
            "300"
        );

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<EtcdSnapshotTest> DrillAsync(byte[] database)
    {
        var path = _temp.At("snapshot.db");
        await File.WriteAllBytesAsync(path, database);
        var context = new OperationContext(new RecordingSink());
        var hosts = new LocalHostFactory(Host());
        var cluster = new EtcdCluster
        {
            Name = "secondary",
            Kubeconfig = string.Empty,
            Context = string.Empty,
            Server = new Uri("https://localhost"),
            Nodes = [new ClusterNode("m1", NodeRole.ControlPlane, "127.0.0.1")],
        };
        await using var session = new ClusterSession(cluster, context, hosts);
        var verifier = new SnapshotVerifier(new SshHostFactory(), context);
        verifier.UseRemoteDrill(session, null, _programs);
        var tests = new List<EtcdSnapshotTest>();
        await verifier.VerifyAsync(
            new EtcdSnapshot
            {
                Name = "snapshot.db",
                Path = path,
                Format = SnapshotFormat.Database,
            },
            tests.Add,
            None
        );
        return Assert.Single(tests, t => t.Check == "Drill");
    }

    private async Task<string> RefusalAsync(DrillCertificate certificate)
    {
        using var input = new MemoryStream(certificate.CertificatePem);
        return (await Host().WriteAsync(Command("drill-2", certificate, _database), input, None)).ExitStatus == DrillCommands.Busy
            ? "DrillBusy"
            : string.Empty;
    }

    // A drill in a shell of its own, at the point where its etcd serves.
    private async Task<(Process Shell, Process Etcd)> StartAsync(DrillCertificate certificate)
    {
        var command = Host().Rewrite(Command("drill-1", certificate, _database));
        var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", command.Script, "sh", .. command.Arguments]) { RedirectStandardInput = true }
        )!;
        var input = shell.StandardInput.BaseStream;
        await input.WriteAsync((byte[])[.. certificate.CertificatePem, .. certificate.KeyPem, .. _database, (byte)'x']);
        await input.FlushAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (
            !(await Host().RunAsync(DrillCommands.State.With($"{Root}/drill-1"), limit.Token)).Text.StartsWith(
                "serving",
                StringComparison.Ordinal
            )
        )
        {
            await Task.Delay(50, limit.Token);
        }

        var group = await File.ReadAllTextAsync($"{Root}/drill-1/etcd.pid", limit.Token);
        return (shell, Process.GetProcessById(int.Parse(group, CultureInfo.InvariantCulture)));
    }
}
