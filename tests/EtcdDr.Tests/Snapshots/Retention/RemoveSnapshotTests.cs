using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Retention;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots.Retention;

public sealed class RemoveSnapshotTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly OperationContext _context = new(new RecordingSink());
    private readonly DirectoryHost _host;

    public RemoveSnapshotTests() => _host = new DirectoryHost("dr", _temp.Path);

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("dr:")]
    public async Task A_snapshot_is_removed_and_its_neighbours_stay(string host)
    {
        var (older, _) = (Write(1), Write(2));
        var snapshot = await GetAsync(host.Length == 0 ? older : host + older[_temp.Path.Length..]);

        Assert.False((await Operation().DecideAsync(snapshot, CancellationToken.None)).Keep);
        await Operation().RemoveAsync(snapshot, CancellationToken.None);

        Assert.Equal(["etcd_snapshot_2026-11-02_00-00-00"], Directory.GetFileSystemEntries(_temp.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("dr:")]
    public async Task What_unfinished_snapshots_left_is_found_and_removed_and_nothing_else(string host)
    {
        Write(1);
        string[] left = [".etcd_snapshot_2026-11-02_00-00-00.partial", ".etcd_snapshot_2026-11-03_00-00-00.removing"];
        foreach (var name in (string[])[.. left, ".other.partial", ".etcd_snapshot_2026-11-04_00-00-00.partial.txt"])
        {
            SnapshotSamples.Write(_temp.At(name), "keys/sa.key", new byte[100]);
        }

        var location = SnapshotLocation.Parse(host.Length == 0 ? _temp.Path : host + "/");
        var found = await Operation().FindUnfinishedAsync(location, null, CancellationToken.None);
        Assert.Equal(left, found.Select(f => f.Name).Order());
        Assert.All(found, f => Assert.Equal((100, true), (f.Size, DateTime.UtcNow - f.LastChanged < TimeSpan.FromHours(1))));

        foreach (var each in found)
        {
            await Operation().RemoveUnfinishedAsync(each, null, CancellationToken.None);
        }

        Assert.Equal(
            [".etcd_snapshot_2026-11-04_00-00-00.partial.txt", ".other.partial", "etcd_snapshot_2026-11-01_00-00-00"],
            Directory.GetFileSystemEntries(_temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task The_last_good_one_stays_even_with_a_damaged_neighbour()
    {
        var only = Write(1);
        var damaged = Write(2);
        await File.WriteAllTextAsync(Path.Combine(damaged, "keys", "sa.pub"), "pubIic");

        var decision = await Operation().DecideAsync(await GetAsync(only), CancellationToken.None);

        Assert.True(decision.Keep);
        Assert.Contains("last good", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"state":"staged"}""", true)]
    [InlineData("""{"State":"Completed"}""", false)]
    [InlineData("""{"state":"RolledBack"}""", false)]
    [InlineData("""{"state":3}""", true)]
    [InlineData("{", true)]
    public async Task A_snapshot_is_needed_while_a_restores_journal_is_not_finished(string journal, bool needed)
    {
        var (older, _) = (Write(1), Write(2));
        SnapshotSamples.Write(older, "restore_attempted_2026-11-03_00-00-00/journal.json", System.Text.Encoding.UTF8.GetBytes(journal));

        var decision = await Operation().DecideAsync(await GetAsync(older), CancellationToken.None);

        Assert.Equal(needed, decision.Keep);
    }

    [Fact]
    public async Task A_directory_that_holds_something_else_is_not_removed()
    {
        var (older, _) = (Write(1), Write(2));
        var snapshot = await GetAsync(older);
        SnapshotSamples.Write(older, "notes.txt", "mine"u8.ToArray());

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => Operation().RemoveAsync(snapshot, CancellationToken.None));

        Assert.Equal("SnapshotHoldsOthers", error.ErrorId);
        Assert.Contains("notes.txt", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(older, "etcd-snapshot.db")));
    }

    [Fact]
    public async Task A_policy_does_not_count_a_damaged_newest_one()
    {
        Write(1);
        Write(2);
        await File.WriteAllTextAsync(Path.Combine(Write(3), "keys", "sa.pub"), "pubIic");
        var all = await new SnapshotCatalog(_host, _context).FindAsync(new SnapshotLocation(_temp.Path), null, CancellationToken.None);

        var decisions = await Operation().DecideAsync(all, new RetentionPolicy { KeepLast = 1 }, CancellationToken.None);

        Assert.Equal([true, true, false], decisions.Select(d => d.Keep));
    }

    private string Write(int day) =>
        SnapshotSamples.WriteOwn(
            _temp.Path,
            $"etcd_snapshot_2026-11-{day:00}_00-00-00",
            created: new DateTime(2026, 11, day, 0, 0, 0, DateTimeKind.Utc)
        );

    private Task<EtcdSnapshot> GetAsync(string path) =>
        new SnapshotCatalog(_host, _context).GetAsync(SnapshotLocation.Parse(path), null, CancellationToken.None);

    private RemoveSnapshotOperation Operation() => new(_host, _context);
}
