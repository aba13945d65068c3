using System.IO.Compression;
using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots.Places.Directories.Sftp;
using EtcdDr.Engine.Transfer;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Transfer;

public sealed class LinkTrialTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TempDirectory _temp = new();
    private readonly DirectoryHost _host;

    public LinkTrialTests() => _host = new DirectoryHost("dr", _temp.Path);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task What_does_not_shrink_goes_as_it_is_and_the_link_is_not_tried()
    {
        var content = RandomNumberGenerator.GetBytes(17 * MiB);

        var (form, sent) = await ChooseAsync(content);

        Assert.Equal("plain", form);
        Assert.Empty(_host.Commands);
        Assert.Equal(content, sent);
    }

    [Fact]
    public async Task What_would_shrink_is_sent_whole_in_the_form_that_was_chosen()
    {
        var content = Compressible(17 * MiB);

        var (form, sent) = await ChooseAsync(content);

        Assert.Contains("link.drop", _host.Commands);
        Assert.Equal(content, form == "gzip" ? await UnpackAsync(sent) : sent);
    }

    [Theory]
    [InlineData(25, 1.8, CompressionLevel.Optimal)]
    [InlineData(100, 1.8, CompressionLevel.Fastest)]
    [InlineData(400, 1.8, null)]
    [InlineData(25, 0.1, null)]
    [InlineData(100, 0.6, null)]
    public void Is_compressed_only_what_a_link_delays_and_idle_processors_can_pack(int link, double idle, CompressionLevel? expected)
    {
        // Where no processor is idle, the link's rate in the trial is not the link's: three nodes' streams on two processors took four
        // times as long as gzip.
        LinkTrial.Trial[] tried = [new(CompressionLevel.Fastest, 0.45, 250 * MiB), new(CompressionLevel.Optimal, 0.35, 60 * MiB)];

        Assert.Equal(expected, LinkTrial.Best(tried, link * (double)MiB, idle));
    }

    [Fact]
    public async Task Processors_that_are_at_work_are_not_spare()
    {
        using var stop = new CancellationTokenSource();
        var work = Enumerable
            .Range(0, Environment.ProcessorCount)
            .Select(_ => Task.Factory.StartNew(() => Spin(stop.Token), TaskCreationOptions.LongRunning))
            .ToList();

        var watch = new ProcessorWatch();
        await Task.Delay(400);
        var spare = watch.Spare();
        await stop.CancelAsync();
        await Task.WhenAll(work);

        Assert.InRange(spare, 0, Environment.ProcessorCount * 0.5);
    }

    [Fact]
    public async Task Members_of_gzip_are_one_file_to_whoever_unpacks_it()
    {
        var content = Compressible((3 * MiB) + 17);
        using var source = new MemoryStream(content);
        await using var packed = new GzipMembersStream(source, CompressionLevel.Fastest);
        using var sent = new MemoryStream();

        await packed.CopyToAsync(sent);

        Assert.True(sent.Length < content.Length / 2);
        Assert.Equal(content, await UnpackAsync(sent.ToArray()));
    }

    [Theory]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    public async Task What_does_not_shrink_can_be_packed_too(CompressionLevel level)
    {
        // All its nine-bit literals, the worst that deflate's fixed codes can do.
        var content = RandomNumberGenerator.GetBytes(3 * MiB).Select(b => (byte)(144 + (b % 112))).ToArray();
        using var source = new MemoryStream(content);
        await using var packed = new GzipMembersStream(source, level);
        using var sent = new MemoryStream();

        await packed.CopyToAsync(sent);

        Assert.Equal(content, await UnpackAsync(sent.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MiB)]
    public async Task A_host_unpacks_what_comes_as_gzip_and_sums_what_its_file_holds(int sumFrom)
    {
        var content = Compressible((40 * MiB) + 17);
        await File.WriteAllBytesAsync(_temp.At("file"), [.. content[..MiB], .. new byte[5]]);
        using var source = new MemoryStream(content, MiB, content.Length - MiB);
        await using var packed = new GzipMembersStream(source, CompressionLevel.Fastest);

        var answer = await _host.WriteAsync(
            SnapshotStoreCommands.Receive.With("/file", $"{MiB}", "gzip", $"{sumFrom}"),
            packed,
            CancellationToken.None
        );

        Assert.Equal($"{SnapshotSamples.Hex(content[sumFrom..])} {content.Length}", answer.Text.Trim());
        Assert.Equal(content, await File.ReadAllBytesAsync(_temp.At("file")));
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_fails_its_reader()
    {
        await using var ahead = new ReadAheadStream(new BrokenStream(), 0, 10 * MiB, (_, _) => { });

        await Assert.ThrowsAsync<IOException>(() => ahead.CopyToAsync(Stream.Null));
    }

    private async Task<(string Form, byte[] Sent)> ChooseAsync(byte[] content)
    {
        using var source = new MemoryStream(content);
        var (wire, form) = await LinkTrial.ChooseAsync(_host, source, content.Length, streams: 1, CancellationToken.None);
        await using var sending = wire;
        using var sent = new MemoryStream();
        await wire.CopyToAsync(sent);
        return (form, sent.ToArray());
    }

    private static void Spin(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Thread.SpinWait(1000);
        }
    }

    private static async Task<byte[]> UnpackAsync(byte[] packed)
    {
        await using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var content = new MemoryStream();
        await gzip.CopyToAsync(content);
        return content.ToArray();
    }

    private static byte[] Compressible(int size)
    {
        var content = new byte[size];
        for (var i = 0; i < size; i++)
        {
            content[i] = (byte)((i >> 8) + (i % 13));
        }

        return content;
    }

    private sealed class BrokenStream : ReadingStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is gone.");
    }
}
