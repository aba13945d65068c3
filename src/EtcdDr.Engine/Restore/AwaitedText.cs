using System.Text;
using EtcdDr.Engine.Ssh.Commands;

namespace EtcdDr.Engine.Restore;

/// <summary>Takes what a command says and tells when it has said a text.</summary>
internal sealed class AwaitedText(string text) : WriteOnlyStream
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _tail = string.Empty;

    /// <summary>Ends when the text has come.</summary>
    public Task Seen => _seen.Task;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // The text may come in two pieces.
        _tail += Encoding.ASCII.GetString(buffer);
        if (_tail.Contains(text, StringComparison.Ordinal))
        {
            _seen.TrySetResult();
        }

        _tail = _tail[Math.Max(0, _tail.Length - text.Length)..];
    }
}
