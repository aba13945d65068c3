using EtcdDr.Engine.Ssh.Commands;

namespace EtcdDr.Tests.Ssh;

public sealed class BoundedPipeTests
{
    private const int Capacity = 1024 * 1024;

    [Fact]
    public async Task A_pipe_that_grows_around_its_end_keeps_every_byte_in_its_place()
    {
        var content = Enumerable.Range(0, 700_000).Select(i => (byte)(i % 251)).ToArray();
        await using var pipe = new BoundedPipe(Capacity);
        var read = new MemoryStream();

        // The first bytes go out again before the rest comes, so that the ring begins in its middle when it has to grow.
        pipe.Write(content.AsSpan(0, 60_000));
        await TakeAsync(pipe, read, 50_000);
        pipe.Write(content.AsSpan(60_000));
        await pipe.DisposeAsync();
        await pipe.CopyToAsync(read);

        Assert.Equal(content, read.ToArray());
    }

    [Fact]
    public async Task A_full_pipe_makes_its_writer_wait_until_something_is_read()
    {
        await using var pipe = new BoundedPipe(Capacity);
        pipe.Write(new byte[Capacity]);

        var writing = Task.Run(() => pipe.Write(new byte[1]));
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(50))));

        await TakeAsync(pipe, Stream.Null, 1);
        await writing.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static async Task TakeAsync(BoundedPipe pipe, Stream destination, int count)
    {
        var buffer = new byte[count];
        await pipe.ReadExactlyAsync(buffer);
        await destination.WriteAsync(buffer);
    }
}
