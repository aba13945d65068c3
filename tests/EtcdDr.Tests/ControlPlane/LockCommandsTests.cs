using System.Diagnostics;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane;

/// <summary>The scripts of a node's lock, run on this machine with a directory of their own in place of /run/etcddr.</summary>
public sealed class LockCommandsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host;

    public LockCommandsTests() =>
        _host = new LocalHost("cp1")
        {
            Rewrite = command => command with { Script = command.Script.Replace("/run/etcddr", _directory.Path, StringComparison.Ordinal) },
        };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_holder_that_is_ended_knowingly_has_the_lock_no_more()
    {
        await using var pulse = new PulseStream();
        var holding = _host.WriteAsync(LockCommands.Hold.With("exclusive", "a1", "a drill, since noon"), pulse, default);
        var holder = await FirstHolderAsync(holding);
        Assert.Equal("a1", holder[0]);
        Assert.Equal("a drill, since noon", holder[2]);

        await _host.RunAsync(LockCommands.Break.With(holder[0], holder[1]), default);

        Assert.Empty((await _host.RunAsync(LockCommands.Holders, default)).Text);
        var ended = await Assert.ThrowsAsync<EtcdDrException>(() => holding);
        Assert.Contains("status 143", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_was_given_the_id_of_a_dead_holder_is_never_ended()
    {
        using var stranger = Process.Start(
            new ProcessStartInfo("sh", ["-c", $"exec 9>>'{_directory.At("lock")}'; echo; read line"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        await stranger.StandardOutput.ReadLineAsync();
        var file = _directory.At("holders", $"a1.{stranger.Id}");
        Directory.CreateDirectory(_directory.At("holders"));
        await File.WriteAllTextAsync(file, "a restore, since yesterday\n1\n");

        await _host.RunAsync(LockCommands.Break.With("a1", $"{stranger.Id}"), default);

        Assert.False(File.Exists(file));
        Assert.False(stranger.HasExited);
        await File.WriteAllTextAsync(file, "a restore, since yesterday\n1\n");
        Assert.Empty((await _host.RunAsync(LockCommands.Holders, default)).Text);
        stranger.StandardInput.Close();
        await stranger.WaitForExitAsync();
    }

    private async Task<string[]> FirstHolderAsync(Task holding)
    {
        while (!holding.IsCompleted)
        {
            var text = (await _host.RunAsync(LockCommands.Holders, default)).Text;
            if (text.Length > 0)
                return text.TrimEnd('\n').Split(' ', 3);
        }

        await holding;
        throw new InvalidOperationException("The lock was not held.");
    }

    /// <summary>Gives a byte many times a second until it is closed.</summary>
    private sealed class PulseStream : MemoryStream
    {
        private bool _closed;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(50, cancellationToken);
            buffer.Span[0] = (byte)'x';
            return _closed ? 0 : 1;
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var one = new byte[1];
            while (await ReadAsync(one, cancellationToken) > 0)
            {
                await destination.WriteAsync(one, cancellationToken);
                await destination.FlushAsync(cancellationToken);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _closed = true;
            base.Dispose(disposing);
        }
    }
}
