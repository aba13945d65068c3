using EtcdDr.Engine.Etcd.Members;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Etcd.Members;

/// <summary>What is run on a node whose member comes or goes, run here.</summary>
public sealed class MemberCommandsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host = new("cp3");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_data_of_a_member_is_kept_by_rename_and_its_place_is_empty()
    {
        Write("etcd/member/snap/db", "old");
        Write("wal/0.wal", "log");

        var said = await KeepAsync(At("etcd"), At("wal"), "member-1", At("pki/etcd"));

        Assert.Equal([At("etcd.etcddr/member-1/previous"), At("wal.etcddr/member-1/previous")], said);
        Assert.Equal("old", File.ReadAllText(At("etcd.etcddr/member-1/previous/member/snap/db")));
        Assert.Equal("log", File.ReadAllText(At("wal.etcddr/member-1/previous/0.wal")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("etcd")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("wal")));
        Assert.True(Directory.Exists(At("pki/etcd")));
    }

    [Fact]
    public async Task Kept_data_is_not_covered_by_that_of_a_later_run_and_nothing_is_kept_of_nothing()
    {
        Write("etcd/member/snap/db", "first");
        await KeepAsync(At("etcd"), "", "member-1");
        Write("etcd/member/snap/db", "second");
        await KeepAsync(At("etcd"), "", "member-2");

        Assert.Empty(await KeepAsync(At("etcd"), "", "member-3"));
        Assert.Empty(await KeepAsync(At("not-there"), At("nor-this"), "member-3"));
        Assert.Equal("first", File.ReadAllText(At("etcd.etcddr/member-1/previous/member/snap/db")));
        Assert.Equal("second", File.ReadAllText(At("etcd.etcddr/member-2/previous/member/snap/db")));
        Assert.False(Directory.Exists(At("etcd.etcddr/member-3")));
    }

    [Fact]
    public async Task A_database_that_a_process_holds_stays_where_it_is()
    {
        Write("etcd/member/snap/db", "live");
        using var holder = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("flock", [At("etcd/member/snap/db"), "sh", "-c", "echo held; exec sleep 60"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());

            var result = await _host.RunAsync(
                MemberCommands.KeepData.With(At("journal"), "keep-data", At("etcd"), "", "member-1"),
                CancellationToken.None
            );

            Assert.Equal(75, result.ExitStatus);
            Assert.True(File.Exists(At("etcd/member/snap/db")));
            Assert.False(Directory.Exists(At("etcd.etcddr")));
        }
        finally
        {
            holder.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Files_are_read_by_their_paths_and_those_that_are_missing_are_left_out()
    {
        Write("a key", "secret\n");

        var files = await MemberNode.ReadFilesAsync(_host, [At("a key"), At("missing")], CancellationToken.None);

        Assert.Equal("secret\n"u8.ToArray(), Assert.Single(files).Value);
        Assert.True(MemberCommands.ReadFiles.OutputIsSecret);
    }

    private async Task<string[]> KeepAsync(string data, string wal, string name, params string[] directories)
    {
        var result = await _host.RunAsync(
            MemberCommands.KeepData.With([At("journal"), "keep-data", data, wal, name, .. directories]),
            CancellationToken.None
        );
        return result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string At(string path) => _directory.At(path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
