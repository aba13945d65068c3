using EtcdDr.Engine.Nodes;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Nodes;

/// <summary>Commands that read what a node is, run here by the shell.</summary>
public sealed class NodeCommandsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("etcddr-node-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_data_directory_that_is_a_link_is_measured_where_it_leads()
    {
        Directory.CreateDirectory(Path.Combine(_root, "disk/etcd/member/snap"));
        File.CreateSymbolicLink(Path.Combine(_root, "etcd"), Path.Combine(_root, "disk/etcd"));

        var lines = await MeasureAsync(Path.Combine(_root, "etcd"));

        Assert.Contains($"data-real {_root}/disk/etcd", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("data-apart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_write_ahead_log_behind_a_link_inside_the_data_directory_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_root, "etcd/member/snap"));
        Directory.CreateDirectory(Path.Combine(_root, "fast"));
        File.CreateSymbolicLink(Path.Combine(_root, "etcd/member/wal"), Path.Combine(_root, "fast"));

        Assert.Contains($"data-apart {_root}/etcd/member/wal", await MeasureAsync(Path.Combine(_root, "etcd")));
    }

    [Fact]
    public async Task A_data_directory_on_a_disk_that_was_lost_is_measured_all_the_same()
    {
        var lines = await MeasureAsync(Path.Combine(_root, "gone/etcd"));

        Assert.Contains("data-used 0", lines);
        Assert.Contains("data-mounted no", lines);
    }

    [Fact]
    public async Task Who_a_node_is_can_be_read_wherever_it_says_little()
    {
        var told = await new LocalHost("cp1").RunAsync(NodeCommands.Identity, CancellationToken.None);

        Assert.All(
            told.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            l => Assert.Contains(l.Split(' ')[0], new[] { "provider", "machine", "bridge", "volume" })
        );
    }

    private static async Task<string[]> MeasureAsync(string data) =>
        (await new LocalHost("cp1").RunAsync(NodeCommands.Measure.With(data, "", "/etc", ""), CancellationToken.None)).Text.Split('\n');
}
