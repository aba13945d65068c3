using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Tests.Snapshots;

/// <summary>A database that is read back out of a place where it was just written.</summary>
public sealed class DraftDatabaseTests : IAsyncDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes((100 * MiB) + 777);
    private readonly DraftInMemory _draft;

    public DraftDatabaseTests() => _draft = new DraftInMemory(_content);

    public ValueTask DisposeAsync() => _draft.DisposeAsync();

    [Fact]
    public void What_was_kept_of_the_stream_is_not_asked_for()
    {
        var small = _content[..((7 * MiB) + 99)];
        using var database = Open(small.Length);

        Assert.True(database.CreateReader().Read(0, small.Length, small.Length).SequenceEqual(small));

        Assert.Equal(0, database.Fetched);
    }

    [Fact]
    public void Each_block_is_fetched_once_where_it_is_read_in_order_by_several_at_once()
    {
        using var database = Open(_content.Length);

        Parallel.For(
            0,
            4,
            _ =>
            {
                var reader = database.CreateReader();
                for (var offset = 0; offset < _content.Length; offset += 300_000)
                {
                    var count = Math.Min(300_000, _content.Length - offset);
                    Assert.True(reader.Read(offset, count, count).SequenceEqual(_content.AsSpan(offset, count)));
                }
            }
        );

        // Each of the four may fall behind so far that a block is gone.
        Assert.InRange(database.Fetched, _content.Length - (48L * MiB), 4L * (_content.Length - (48L * MiB)));
    }

    [Fact]
    public void Pages_that_lie_scattered_are_read_out_of_a_file_when_blocks_come_again_and_again()
    {
        using var database = Open(_content.Length);
        var reader = database.CreateReader();
        for (var i = 0; i < 2000; i++)
        {
            var offset = Random.Shared.Next(_content.Length / 4096) * 4096;
            Assert.True(reader.Read(offset, 4096, 4096).SequenceEqual(_content.AsSpan(offset, 4096)));
        }

        Assert.True(database.IsHere);
        var asked = _draft.Asked;
        Assert.True(reader.Read(90 * MiB, 4096, 4096).SequenceEqual(_content.AsSpan(90 * MiB, 4096)));
        Assert.Equal(asked, _draft.Asked);
    }

    [Fact]
    public void A_place_that_fails_fails_the_reading_and_is_asked_again_the_next_time()
    {
        using var database = Open(_content.Length);
        var reader = database.CreateReader();
        _draft.Fails = true;
        Assert.Throws<IOException>(() => reader.Read(80 * MiB, 100, 100).Length);
        _draft.Fails = false;

        Assert.True(reader.Read(80 * MiB, 100, 100).SequenceEqual(_content.AsSpan(80 * MiB, 100)));
    }

    private DraftDatabase Open(int length)
    {
        var beginning = new DatabaseBeginning();
        foreach (var piece in _content.AsSpan(0, length).ToArray().Chunk(250_001))
        {
            beginning.Append(piece);
        }

        return new DraftDatabase(_draft, "etcd-snapshot.db", length, beginning, default);
    }

    private sealed class DraftInMemory(byte[] content) : ISnapshotDraft
    {
        private int _asked;

        public string Name => "etcd_snapshot_2026-11-22_23-53-31";

        public int Asked => _asked;

        public bool Fails { get; set; }

        public Task ReadAsync(string path, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Fails)
            {
                throw new IOException("away");
            }

            content.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
            return Task.CompletedTask;
        }

        public Task RequireSpaceAsync(long bytes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DraftStream> CreateAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DiscardAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public string? LocalPath(string path) => null;

        public Task PublishAsync(ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
