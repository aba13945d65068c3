using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

/// <summary>A node's directories below a temporary one, as a restore lays them out; commands run there by the local shell.</summary>
internal sealed class NodeSandbox : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("etcddr-node-").FullName;

    public NodeSandbox()
    {
        Host = new LocalHost("cp1");
        Directory.CreateDirectory(Path.Combine(_root, "etcd/member/snap"));
        Write("etcd/member/snap/db", "old");
        Write("kubernetes/pki/sa.key", "old key");
        Layout = new JournalNode
        {
            Name = "cp1",
            MemberName = "cp1",
            PeerUrls = ["https://10.0.0.1:2380"],
            ManifestDirectory = At("kubernetes/manifests"),
            JournalDirectory = At("kubernetes/etcddr/r1"),
            Components = EtcdDr.Engine.ControlPlane.ControlPlanePart.Components,
            WorkDirectory = At("etcd.etcddr/r1"),
            DataDirectory = At("etcd"),
            Units = [new JournalUnit(At("etcd"), "member", At("etcd.etcddr/r1/staged"), At("etcd.etcddr/r1/previous"))],
            Keys = [new JournalKey(At("kubernetes/pki/sa.key"), "sa.key"), new JournalKey(At("kubernetes/pki/extra.yaml"), "extra")],
        };
        Directory.CreateDirectory(Layout.JournalDirectory);
        Write("etcd.etcddr/r1/staged/member/snap/db", "new");
        Write("kubernetes/etcddr/r1/keys/new/sa.key", "new key");
        Write("kubernetes/etcddr/r1/keys/new/extra", "new extra");
    }

    public LocalHost Host { get; }

    public JournalNode Layout { get; set; }

    public string At(string path) => Path.Combine(_root, path);

    public string? Read(string path) => File.Exists(At(path)) ? File.ReadAllText(At(path)) : null;

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    public Task SwapAsync() => DataSwap.RunAsync(Host, Layout, "swap-data", RestoreCommands.SwapData, CancellationToken.None);

    public Task UnswapAsync() => DataSwap.RunAsync(Host, Layout, "unswap-data", RestoreCommands.UnswapData, CancellationToken.None);

    public Task ReturnRaisedAsync() => DataSwap.RaisedAsync(Host, Layout, "return-raised", CancellationToken.None);

    public async Task<NodeStanding> LookAsync() => await RestoreRun.LookAsync(Host, Layout, CancellationToken.None);

    public Task SwapKeysAsync() => DataSwap.KeysAsync(Host, Layout, "swap-keys", RestoreCommands.SwapKeys, CancellationToken.None);

    public Task UnswapKeysAsync() => DataSwap.KeysAsync(Host, Layout, "unswap-keys", RestoreCommands.UnswapKeys, CancellationToken.None);

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
    }
}
