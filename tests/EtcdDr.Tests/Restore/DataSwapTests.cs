using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;

namespace EtcdDr.Tests.Restore;

public sealed class DataSwapTests : IDisposable
{
    private const string Live = "etcd/member/snap/db";
    private const string Previous = "etcd.etcddr/r1/previous/member/snap/db";
    private const string Raised = "etcd.etcddr/r1.raised/staged/member/snap/db";
    private const string Staged = "etcd.etcddr/r1/staged/member/snap/db";

    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Swap_puts_the_staged_data_in_place_and_keeps_the_previous()
    {
        await _node.SwapAsync();

        Assert.Equal("new", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
        Assert.Null(_node.Read(Staged));
    }

    [Fact]
    public async Task Swap_run_twice_is_the_same_as_once()
    {
        await _node.SwapAsync();
        await _node.SwapAsync();

        Assert.Equal("new", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
    }

    [Fact]
    public async Task Swap_goes_on_after_the_live_data_was_taken_aside_and_nothing_more()
    {
        Directory.CreateDirectory(_node.At("etcd.etcddr/r1/previous"));
        Directory.Move(_node.At("etcd/member"), _node.At("etcd.etcddr/r1/previous/member"));
        _node.Write("etcd.etcddr/r1/previous.moved", string.Empty);

        await _node.SwapAsync();

        Assert.Equal("new", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
    }

    [Fact]
    public async Task Swap_goes_on_where_the_node_died_before_the_marker_was_written()
    {
        Directory.CreateDirectory(_node.At("etcd.etcddr/r1/previous"));
        Directory.Move(_node.At("etcd/member"), _node.At("etcd.etcddr/r1/previous/member"));

        await _node.SwapAsync();

        Assert.Equal("new", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
    }

    [Fact]
    public async Task Unswap_puts_the_previous_data_back_and_the_new_where_it_was_staged()
    {
        await _node.SwapAsync();
        await _node.UnswapAsync();

        Assert.Equal("old", _node.Read(Live));
        Assert.Equal("new", _node.Read(Staged));
        Assert.Null(_node.Read(Previous));
    }

    [Fact]
    public async Task Unswap_without_a_swap_changes_nothing()
    {
        await _node.UnswapAsync();

        Assert.Equal("old", _node.Read(Live));
        Assert.Equal("new", _node.Read(Staged));
    }

    [Fact]
    public async Task Unswap_never_takes_previous_data_for_new_after_an_interruption_between_its_halves()
    {
        await _node.SwapAsync();
        Directory.CreateDirectory(_node.At("etcd.etcddr/r1/staged"));
        Directory.Move(_node.At("etcd/member"), _node.At("etcd.etcddr/r1/staged/member"));
        File.Move(_node.At("etcd.etcddr/r1/previous.moved"), _node.At("etcd.etcddr/r1/previous.returning"));
        Directory.Move(_node.At("etcd.etcddr/r1/previous/member"), _node.At("etcd/member"));

        await _node.UnswapAsync();

        Assert.Equal("old", _node.Read(Live));
        Assert.Equal("new", _node.Read(Staged));
    }

    [Fact]
    public async Task Swap_after_a_complete_unswap_works_again()
    {
        await _node.SwapAsync();
        await _node.UnswapAsync();
        await _node.SwapAsync();

        Assert.Equal("new", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
    }

    [Fact]
    public async Task Previous_data_is_put_back_raised_and_both_the_previous_and_the_new_are_kept()
    {
        await _node.SwapAsync();
        _node.Write(Raised, "raised");

        await _node.ReturnRaisedAsync();

        Assert.Equal("raised", _node.Read(Live));
        Assert.Equal("old", _node.Read(Previous));
        Assert.Equal("new", _node.Read(Staged));
        var standing = await _node.LookAsync();
        Assert.True(standing is { Raised: true, Swapped: false });
    }

    [Theory]
    [InlineData("after the new data went back")]
    [InlineData("after the marker")]
    [InlineData("after the raised data came")]
    public async Task Putting_back_raised_data_goes_on_where_the_node_died(string when)
    {
        await _node.SwapAsync();
        _node.Write(Raised, "raised");
        Directory.CreateDirectory(_node.At("etcd.etcddr/r1/staged"));
        Directory.Move(_node.At("etcd/member"), _node.At("etcd.etcddr/r1/staged/member"));
        if (when != "after the new data went back")
        {
            File.Move(_node.At("etcd.etcddr/r1/previous.moved"), _node.At("etcd.etcddr/r1/previous.returning"));
        }

        if (when == "after the raised data came")
        {
            Directory.Move(_node.At("etcd.etcddr/r1.raised/staged/member"), _node.At("etcd/member"));
        }

        Assert.True((await _node.LookAsync()).Swapped);
        await _node.ReturnRaisedAsync();

        Assert.Equal(("raised", "old", "new"), (_node.Read(Live), _node.Read(Previous), _node.Read(Staged)));
    }

    [Fact]
    public async Task What_was_put_back_raised_is_not_put_back_again_and_nothing_is_merged()
    {
        await _node.SwapAsync();
        _node.Write(Raised, "raised");
        await _node.ReturnRaisedAsync();

        await _node.ReturnRaisedAsync();
        await _node.UnswapAsync();

        Assert.Equal(("raised", "old", "new"), (_node.Read(Live), _node.Read(Previous), _node.Read(Staged)));
        await Assert.ThrowsAsync<EtcdDrException>(_node.SwapAsync);
    }

    [Fact]
    public async Task Without_raised_data_nothing_is_put_back()
    {
        await _node.SwapAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(_node.ReturnRaisedAsync);

        Assert.Contains("holds no data", error.Message, StringComparison.Ordinal);
        Assert.Equal("new", _node.Read(Live));
    }

    [Fact]
    public async Task A_half_done_swap_is_put_back_raised_and_nothing_old_is_mixed_with_it()
    {
        _node.Write("wal/0.wal", "old wal");
        _node.Write("wal.etcddr/r1/staged/wal/1.wal", "new wal");
        _node.Layout = _node.Layout with
        {
            WalWorkDirectory = _node.At("wal.etcddr/r1"),
            Units =
            [
                .. _node.Layout.Units,
                new JournalUnit(_node.At("."), "wal", _node.At("wal.etcddr/r1/staged"), _node.At("wal.etcddr/r1/previous")),
            ],
        };
        Directory.CreateDirectory(_node.At("etcd.etcddr/r1/previous"));
        Directory.Move(_node.At("etcd/member"), _node.At("etcd.etcddr/r1/previous/member"));
        _node.Write(Raised, "raised");
        _node.Write("wal.etcddr/r1.raised/staged/wal/2.wal", "raised wal");

        await _node.ReturnRaisedAsync();

        Assert.Equal(("raised", "old", "new"), (_node.Read(Live), _node.Read(Previous), _node.Read(Staged)));
        Assert.Equal("raised wal", _node.Read("wal/2.wal"));
        Assert.Null(_node.Read("wal/0.wal"));
        Assert.Equal("old wal", _node.Read("wal.etcddr/r1/previous/wal/0.wal"));
    }

    [Fact]
    public async Task A_mount_point_keeps_its_place_and_only_its_contents_move()
    {
        _node.Write("wal/0.wal", "old wal");
        _node.Write("wal/.etcddr/r1/staged/1.wal", "new wal");
        _node.Layout = _node.Layout with
        {
            Units = [new JournalUnit(_node.At("wal"), "*", _node.At("wal/.etcddr/r1/staged"), _node.At("wal/.etcddr/r1/previous"))],
        };

        await _node.SwapAsync();
        Assert.Equal("new wal", _node.Read("wal/1.wal"));
        Assert.Null(_node.Read("wal/0.wal"));
        Assert.Equal("old wal", _node.Read("wal/.etcddr/r1/previous/0.wal"));

        await _node.UnswapAsync();
        Assert.Equal("old wal", _node.Read("wal/0.wal"));
        Assert.Equal("new wal", _node.Read("wal/.etcddr/r1/staged/1.wal"));
    }

    [Fact]
    public async Task Swap_refuses_a_database_that_a_process_still_holds()
    {
        using var holder = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("flock", [_node.At(Live), "sh", "-c", "echo held; read x"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await holder.StandardOutput.ReadLineAsync();

        var error = await Assert.ThrowsAsync<EtcdDrException>(_node.SwapAsync);

        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        Assert.Equal("DatabaseInUse", error.ErrorId);
        Assert.Equal("old", _node.Read(Live));
    }

    [Fact]
    public async Task Keys_are_kept_replaced_and_put_back()
    {
        await _node.SwapKeysAsync();
        await _node.SwapKeysAsync();
        Assert.Equal("new key", _node.Read("kubernetes/pki/sa.key"));
        Assert.Equal("old key", _node.Read("kubernetes/etcddr/r1/keys/previous/sa.key"));
        Assert.Equal("new extra", _node.Read("kubernetes/pki/extra.yaml"));

        await _node.UnswapKeysAsync();
        await _node.UnswapKeysAsync();
        Assert.Equal("old key", _node.Read("kubernetes/pki/sa.key"));
        Assert.Null(_node.Read("kubernetes/pki/extra.yaml"));
    }

    [Fact]
    public async Task Keys_keep_the_mode_of_those_they_replace()
    {
        File.SetUnixFileMode(_node.At("kubernetes/pki/sa.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        await _node.SwapKeysAsync();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(_node.At("kubernetes/pki/sa.key"))
        );
    }

    [Fact]
    public async Task Steps_write_themselves_into_the_nodes_journal_before_and_after()
    {
        await _node.SwapAsync();

        var lines = File.ReadAllLines(_node.At("kubernetes/etcddr/r1/steps"));
        Assert.Equal(["begin swap-data", "done swap-data"], lines.Select(l => l[(l.IndexOf(' ') + 1)..]));
    }

    [Fact]
    public async Task A_stage_cannot_be_removed_once_live_data_was_taken_aside()
    {
        await _node.SwapAsync();

        await Assert.ThrowsAsync<EtcdDrException>(() =>
            _node.Host.RunAsync(
                RestoreCommands.RemoveStage.With(_node.Layout.JournalDirectory, _node.Layout.WorkDirectory, string.Empty),
                CancellationToken.None
            )
        );

        Assert.Equal("old", _node.Read(Previous));
    }

    [Fact]
    public async Task Removing_a_stage_leaves_nothing_of_it_and_nothing_else_less()
    {
        await _node.Host.RunAsync(
            RestoreCommands.RemoveStage.With(_node.Layout.JournalDirectory, _node.Layout.WorkDirectory, string.Empty),
            CancellationToken.None
        );

        Assert.Equal("old", _node.Read(Live));
        Assert.False(Directory.Exists(_node.At("etcd.etcddr")));
        Assert.False(Directory.Exists(_node.At("kubernetes/etcddr")));
    }

    [Fact]
    public async Task A_node_says_where_it_stands_from_its_stage_to_its_swap_and_back()
    {
        Assert.Equal(NodePosition.Untouched, await PositionAsync());

        _node.Write("etcd.etcddr/r1/stage.id", string.Empty);
        var id = await _node.Host.RunAsync(
            new EtcdDr.Engine.Ssh.RemoteCommand("test", "stat -c '%i %s %Y' \"$1\"").With(_node.At(Staged)),
            CancellationToken.None
        );
        _node.Write("etcd.etcddr/r1/stage.id", id.Text);
        Assert.Equal(NodePosition.Staged, await PositionAsync());

        _node.Write("kubernetes/etcddr/r1/manifests/etcd.yaml", "etcd");
        Assert.Equal(NodePosition.Held, await PositionAsync());

        await _node.SwapAsync();
        Assert.Equal(NodePosition.Swapped, await PositionAsync());

        File.Delete(_node.At("kubernetes/etcddr/r1/manifests/etcd.yaml"));
        Assert.Equal(NodePosition.Started, await PositionAsync());

        _node.Write("kubernetes/etcddr/r1/state", "Converging\n");
        Assert.Equal(NodePosition.Serving, await PositionAsync());

        await _node.UnswapAsync();
        _node.Write("kubernetes/etcddr/r1/state", "Undone\n");
        Assert.Equal(NodePosition.PutBack, await PositionAsync());
    }

    [Fact]
    public async Task An_abandoned_restore_hands_what_it_holds_to_start_control_plane()
    {
        _node.Write("kubernetes/etcddr/r1/manifests/etcd.yaml", "etcd");

        await _node.Host.RunAsync(
            RestoreCommands.Abandon.With(_node.Layout.JournalDirectory, _node.At("kubernetes/etcddr/stopped/manifests")),
            CancellationToken.None
        );

        Assert.Equal("etcd", _node.Read("kubernetes/etcddr/stopped/manifests/etcd.yaml"));
        Assert.Equal("Abandoned\n", _node.Read("kubernetes/etcddr/r1/state"));
    }

    private async Task<NodePosition> PositionAsync() =>
        (await RestoreRun.LookAsync(_node.Host, _node.Layout, CancellationToken.None)).Position;

    [Fact]
    public async Task A_step_waits_for_one_that_outlived_its_bastion()
    {
        using var earlier = System.Diagnostics.Process.Start(
            "flock",
            [_node.At("kubernetes/etcddr/r1/lock"), "sh", "-c", $"read line < {Fifo()}"]
        );
        await using var end = new FileStream(Fifo(), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

        var swap = _node.SwapAsync();
        await Task.WhenAny(swap, Task.Delay(TimeSpan.FromMilliseconds(300)));
        var before = _node.Read(Live);
        await end.WriteAsync("go\n"u8.ToArray());
        await swap;

        Assert.Equal("old", before);
        Assert.Equal("new", _node.Read(Live));
        await earlier.WaitForExitAsync();
    }

    private string Fifo()
    {
        var path = _node.At("fifo");
        if (!File.Exists(path))
        {
            using var made = System.Diagnostics.Process.Start("mkfifo", [path]);
            made.WaitForExit();
        }

        return path;
    }
}
