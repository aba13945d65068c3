using System.IO.Compression;
using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots;
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
    [InlineData(0)]
    [InlineData(MiB)]
    public async Task A_host_unpacks_what_comes_as_gzip_and_sums_what_its_file_holds(int sumFrom)
    {
        var content = Compressible((40 * MiB) + 17);
        await File.WriteAllBytesAsync(_temp.At("file"), [.. content[..MiB], .. new byte[5]]);
        using var source = new MemoryStream(content, MiB, content.Length - MiB);
        await using var packed = new GzipMembersStream(source, CompressionLevel.Fastest);

        var answer = await _host.WriteAsync(SnapshotStoreCommands.Receive.With("/file", $"{MiB}", "gzip", $"{sumFrom}"), packed, CancellationToken.None);

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
        var (wire, form) = await LinkTrial.ChooseAsync(_host, source, content.Length, CancellationToken.None);
        await using var sending = wire;
        using var sent = new MemoryStream();
        await wire.CopyToAsync(sent);
        return (form, sent.ToArray());
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
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");
    }
}
