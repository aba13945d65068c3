using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

public sealed class RestoreJournalFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Before_anything_is_cut_over_a_journal_that_cannot_be_written_stops_the_restore()
    {
        await using var file = File();

        await Assert.ThrowsAnyAsync<Exception>(() => file.ChangeAsync(j => j with { State = RestoreState.Staged }, CancellationToken.None));
    }

    [Fact]
    public async Task After_staging_a_lost_snapshot_host_fails_no_step_and_is_told_at_the_end()
    {
        await using (var file = File())
        {
            file.BestEffort();
            await file.ChangeAsync(j => j with { State = RestoreState.CuttingOver }, CancellationToken.None);
            await file.ChangeAsync(j => j with { State = RestoreState.RollingBack }, CancellationToken.None);

            Assert.Equal(RestoreState.RollingBack, file.Current.State);
        }

        Assert.Contains("journals on its nodes", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_written_for_a_while_is_written_at_the_end()
    {
        await using (var file = File())
        {
            file.BestEffort();
            await file.ChangeAsync(j => j with { State = RestoreState.CuttingOver }, CancellationToken.None);
            Directory.CreateDirectory(_directory.At("attempt"));
        }

        Assert.Empty(_sink.Warnings);
        Assert.Contains(
            "CuttingOver",
            await System.IO.File.ReadAllTextAsync(_directory.At("attempt/journal.json")),
            StringComparison.Ordinal
        );
    }

    // The attempt's directory is not there, so nothing can be written into it.
    private RestoreJournalFile File() =>
        new(new LocalSnapshotStore(_directory.Path), "attempt/journal.json", JournalSample.Journal, new OperationContext(_sink));
}
