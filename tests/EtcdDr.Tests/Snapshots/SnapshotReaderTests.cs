using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotReaderTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly OperationContext _context = new(new RecordingSink());
    private readonly DirectoryHost _host;

    public SnapshotReaderTests() => _host = new DirectoryHost("dr", _temp.Path);

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("own", false)]
    [InlineData("own", true)]
    [InlineData("maa", false)]
    [InlineData("maa", true)]
    public async Task Both_formats_answer_the_same_questions(string format, bool remote)
    {
        var path = format == "own" ? SnapshotSamples.WriteOwn(_temp.Path) : SnapshotSamples.WriteMaa(_temp.Path);
        await using var reader = await OpenAsync(path, remote);
        var db = Path.Combine(path, format == "own" ? "etcd-snapshot.db" : "olk8-m2/etcd-snapshot-olk8-m2.db");

        await using var database = await reader.OpenDatabaseAsync(CancellationToken.None);
        using var copy = new MemoryStream();
        await database.CopyToAsync(copy);

        Assert.Equal(await File.ReadAllBytesAsync(db), copy.ToArray());
        Assert.Equal(copy.Length, reader.DatabaseLength);
        Assert.Equal(format == "own" ? SnapshotSamples.Hex(copy.ToArray()) : null, reader.DatabaseSha256);
        Assert.Equal("private"u8.ToArray(), await reader.ReadFileAsync(reader.ServiceAccountKeyPath!, CancellationToken.None));
        Assert.Equal("public"u8.ToArray(), await reader.ReadFileAsync(reader.ServiceAccountPublicKeyPath!, CancellationToken.None));
        Assert.NotEmpty(reader.Nodes);
        Assert.Equal(format == "own" ? 1 : 0, reader.EncryptionConfigs.Count);
        await reader.VerifySumsAsync(null, CancellationToken.None);
    }

    [Fact]
    public async Task A_bare_database_gives_its_database_and_no_keys()
    {
        SnapshotSamples.Write(_temp.Path, "snap.db", SnapshotSamples.Database(8192));
        await using var reader = await OpenAsync(_temp.At("snap.db"), remote: false);

        Assert.Equal("snap.db", reader.DatabasePath);
        Assert.Null(reader.ServiceAccountKeyPath);
        Assert.Equal("snap.db", Assert.Single(reader.Entries).Path);
        await reader.VerifySumsAsync(null, CancellationToken.None);
    }

    [Theory]
    [InlineData("own", "keys/sa.key", false)]
    [InlineData("own", "etcd-snapshot.db", false)]
    [InlineData("own", "etcd-snapshot.db", true)]
    [InlineData("maa", "olk8-m2/etcd-snapshot-olk8-m2.db", false)]
    public async Task One_altered_byte_is_found_and_the_file_named(string format, string file, bool remote)
    {
        var path = format == "own" ? SnapshotSamples.WriteOwn(_temp.Path) : SnapshotSamples.WriteMaa(_temp.Path);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(path, file));
        bytes[^1] ^= 0x10;
        await File.WriteAllBytesAsync(Path.Combine(path, file), bytes);
        await using var reader = await OpenAsync(path, remote);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => reader.VerifySumsAsync(null, CancellationToken.None));

        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extra_file_is_found_and_a_restores_directory_is_not_one()
    {
        var path = SnapshotSamples.WriteOwn(_temp.Path);
        SnapshotSamples.Write(path, "restore_attempted_2026-11-23_01-00-00/journal.json", "{}"u8.ToArray());
        await using (var reader = await OpenAsync(path, remote: false))
        {
            await reader.VerifySumsAsync(null, CancellationToken.None);
        }

        SnapshotSamples.Write(path, "keys/added", "x"u8.ToArray());
        await using var again = await OpenAsync(path, remote: false);
        var error = await Assert.ThrowsAsync<EtcdDrException>(() => again.VerifySumsAsync(null, CancellationToken.None));
        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains("keys/added", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_in_a_snapshot_is_refused()
    {
        var path = SnapshotSamples.WriteMaa(_temp.Path);
        File.CreateSymbolicLink(Path.Combine(path, "extra"), "/etc/hostname");
        await using var reader = await OpenAsync(path, remote: false);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => reader.VerifySumsAsync(null, CancellationToken.None));

        Assert.Contains("'extra'", error.Message, StringComparison.Ordinal);
    }

    private async Task<SnapshotReader> OpenAsync(string path, bool remote)
    {
        var location = remote ? SnapshotLocation.Parse("dr:" + path[_temp.Path.Length..]) : new SnapshotLocation(path);
        var snapshot = await new SnapshotCatalog(_host, _context).GetAsync(location, null, CancellationToken.None);
        return await SnapshotReader.OpenAsync(snapshot, _host, _context, CancellationToken.None);
    }
}
