using System.Security.Cryptography;
using EtcdDr.Bench.Fuzzing;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Tests.Snapshots.Sealing;

public sealed class SealedStreamTests : IDisposable
{
    private const int Chunk = SealedLayout.ChunkLength;
    private const int SealedChunk = Chunk + SealedLayout.TagLength;

    private readonly SnapshotKey _key = SnapshotKey.Create();

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((5 * Chunk) + 12345)]
    public async Task What_is_sealed_comes_out_again(int length)
    {
        var plain = RandomNumberGenerator.GetBytes(length);
        var (content, id) = Seal(plain);

        Assert.Equal(SealedLayout.SealedLength(length), content.Length);
        Assert.Equal(length, SealedLayout.PlainLength(content.Length));
        Assert.Equal(plain, Open(content, id));
        Assert.Equal(plain, await OpenAsync(content, id));
        Assert.Equal(plain, Pages(content, id));
    }

    [Fact]
    public void Small_writes_seal_the_same_content()
    {
        var plain = RandomNumberGenerator.GetBytes((2 * Chunk) + 100);
        var (content, id) = Seal(plain, step: 777);
        Assert.Equal(plain, Open(content, id));
    }

    [Fact]
    public void Sealed_twice_it_has_other_bytes() => Assert.NotEqual(Seal(new byte[100]).Content, Seal(new byte[100]).Content);

    [Fact]
    public void A_file_cut_off_at_any_border_of_chunks_is_refused()
    {
        var (content, id) = Seal(new byte[(4 * Chunk) + 5]);
        for (var chunks = 0; chunks <= 4; chunks++)
        {
            var cut = content[..(SealedLayout.HeaderLength + (chunks * SealedChunk))];
            Refused(() => Open(cut, id));
            Refused(() => Pages(cut, id));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_file_cut_off_elsewhere_or_made_longer_is_refused(int count)
    {
        var (content, id) = Seal(new byte[Chunk + 5]);
        Refused(() => Open(content[..^count], id));
        Refused(() => Open([.. content, .. new byte[count]], id));
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_read_is_refused()
    {
        var (content, id) = Seal(new byte[(2 * Chunk) + 5]);
        using var stream = new SealedReadStream(new MemoryStream(content[..(SealedChunk + 40)]), Expected(id, content.Length), _key);
        Refused(() => stream.CopyTo(Stream.Null));
    }

    [Fact]
    public void Chunks_in_another_order_or_twice_are_refused()
    {
        var (content, id) = Seal(RandomNumberGenerator.GetBytes(3 * Chunk));
        var header = content[..SealedLayout.HeaderLength];
        var chunks = content[SealedLayout.HeaderLength..].Chunk(SealedChunk).ToList();
        Refused(() => Open([.. header, .. chunks[1], .. chunks[0], .. chunks[2]], id));
        Refused(() => Open([.. header, .. chunks[0], .. chunks[0], .. chunks[2]], id));
        Refused(() => Pages([.. header, .. chunks[0], .. chunks[2], .. chunks[1]], id));
    }

    [Fact]
    public void Files_are_not_taken_for_each_other()
    {
        var (one, id) = Seal(new byte[100]);
        var (other, otherId) = Seal(new byte[100]);
        Refused(() => Open(other, id));
        Refused(() => Open([.. one[..SealedLayout.HeaderLength], .. other[SealedLayout.HeaderLength..]], id));
        Refused(() => Open([.. other[..SealedLayout.HeaderLength], .. one[SealedLayout.HeaderLength..]], otherId));

        var (manifest, manifestId) = Seal(new byte[100], kind: SealedKind.Manifest);
        Refused(() => Open(manifest, manifestId));
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_and_nothing_of_its_chunk_comes_out()
    {
        var plain = RandomNumberGenerator.GetBytes(Chunk + 40);
        var (content, id) = Seal(plain);
        foreach (
            var at in (int[])[0, 8, 10, 12, 16, 31, 32, 5000, SealedLayout.HeaderLength + Chunk, content.Length - 1, content.Length - 20]
        )
        {
            var broken = (byte[])content.Clone();
            broken[at] ^= 4;
            using var stream = new SealedReadStream(new MemoryStream(broken), Expected(id, broken.Length), _key);
            using var output = new MemoryStream();
            Refused(() => stream.CopyTo(output));
            Assert.Equal(at < SealedLayout.OffsetOf(1) ? [] : plain[..Chunk], output.ToArray());
        }
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        var (content, id) = Seal(new byte[10]);
        using var other = SnapshotKey.Create();
        using var stream = new SealedReadStream(new MemoryStream(content), Expected(id, content.Length), other);
        Refused(() => stream.ReadByte());
    }

    [Fact]
    public void Mutated_sealed_files_read_equal_or_are_refused()
    {
        using var target = new SealedTarget();
        var run = new FuzzRun(target, 7);
        var complaints = new StringWriter();
        run.Run(2000, complaints, default);
        Assert.Equal(string.Empty, complaints.ToString());
        Assert.Equal("2000 inputs, 0 crashes, 0 hangs, 0 accepted changed", run.ToString());
        Assert.True(run[FuzzVerdict.Refused] > 500);
    }

    private static SealedFile Expected(string id, long length) => SealedFile.Of("snapshot", "a file", SealedKind.File, id, length);

    private static void Refused(Action action)
    {
        var error = Assert.Throws<EtcdDrException>(action);
        Assert.Equal("SnapshotAltered", error.ErrorId);
        Assert.Contains("'a file'", error.Message, StringComparison.Ordinal);
    }

    private (byte[] Content, string Id) Seal(byte[] plain, int step = int.MaxValue, SealedKind kind = SealedKind.File)
    {
        var header = SealedLayout.NewHeader(kind);
        using var target = new MemoryStream();
        using var stream = new SealingStream(target, _key, header, "a file");
        for (var done = 0; done < plain.Length; done += Math.Min(step, plain.Length - done))
        {
            stream.Write(plain, done, Math.Min(step, plain.Length - done));
        }

        Assert.Equal(Convert.ToHexString(SHA256.HashData(plain)).ToLowerInvariant(), stream.Finish());
        return (target.ToArray(), SealedLayout.IdOf(header));
    }

    private byte[] Open(byte[] content, string id)
    {
        using var stream = new SealedReadStream(new MemoryStream(content), Expected(id, content.Length), _key);
        using var output = new MemoryStream();
        stream.CopyTo(output);
        return output.ToArray();
    }

    private async Task<byte[]> OpenAsync(byte[] content, string id)
    {
        await using var stream = new SealedReadStream(new MemoryStream(content), Expected(id, content.Length), _key);
        using var output = new MemoryStream();
        await stream.CopyToAsync(output);
        return output.ToArray();
    }

    private byte[] Pages(byte[] content, string id)
    {
        using var source = SealedSource.Open(new MemorySource(content), Expected(id, content.Length), _key);
        var reader = source.CreateReader();
        using var output = new MemoryStream();
        for (var offset = 0L; offset < source.Length; )
        {
            var length = (int)Math.Min(30_000, source.Length - offset);
            output.Write(reader.Read(offset, length, length));
            offset += length;
        }

        return output.ToArray();
    }
}
