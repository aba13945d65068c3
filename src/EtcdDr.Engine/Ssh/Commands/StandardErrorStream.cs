using System.Text;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>
/// Takes a command's standard error: keeps at most 64 KiB of it, the beginning and, more importantly, the end; and tells when sudo asks for
/// a password and when the script has begun, both of which are cut out of what is kept.
/// </summary>
internal sealed class StandardErrorStream : WriteOnlyStream
{
    private const int HeadLimit = 8 * 1024;
    private const int TailLimit = 56 * 1024;
    private readonly object _lock = new();
    private readonly MemoryStream _head = new();
    private readonly Queue<byte> _tail = new();
    private readonly string? _prompt;
    private readonly string? _started;
    private readonly TaskCompletionSource<bool> _firstSignal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _secondSignal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _pending = string.Empty;
    private bool _watching;
    private bool _dropped;

    /// <summary>Creates it.</summary>
    /// <param name="watched">The line whose password prompt and tag are waited for; null where sudo asks for nothing.</param>
    public StandardErrorStream(CommandLine? watched)
    {
        _prompt = watched?.PasswordPrompt;
        _started = watched?.Tag + "\n";
        _watching = watched is not null;
    }

    /// <summary>Completes with true when sudo asks for the password, with false when the script has begun without that.</summary>
    public Task<bool> Asked => _firstSignal.Task;

    /// <summary>After the password: completes with true when sudo asks again (it was wrong), with false when the script has
    /// begun.</summary>
    public Task<bool> AskedAgain => _secondSignal.Task;

    /// <summary>What was kept, as text.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                var head = Encoding.UTF8.GetString(_head.GetBuffer(), 0, (int)_head.Length);
                var tail = Encoding.UTF8.GetString(_tail.ToArray());
                return (_dropped ? head + "\n[...]\n" + tail : head + tail) + _pending;
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_lock)
        {
            if (_watching)
                Watch(Encoding.UTF8.GetString(buffer));
            else
                Keep(buffer);
        }
    }

    // Both marks are ASCII, random and short; text before them is sudo's own and short too.
    private void Watch(string text)
    {
        _pending += text;
        while (_watching && (Cut(_prompt!, asks: true) || Cut(_started!, asks: false))) { }

        if (!_watching || _pending.Length > HeadLimit)
        {
            _watching = false;
            Keep(Encoding.UTF8.GetBytes(_pending));
            _pending = string.Empty;
        }
    }

    private bool Cut(string mark, bool asks)
    {
        var at = _pending.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return false;

        _pending = _pending.Remove(at, mark.Length);
        if (!_firstSignal.TrySetResult(asks))
            _secondSignal.TrySetResult(asks);

        _watching = asks && !_secondSignal.Task.IsCompleted;
        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var toHead = Math.Min(bytes.Length, HeadLimit - (int)_head.Length);
        _head.Write(bytes[..toHead]);
        foreach (var one in bytes[toHead..])
        {
            _tail.Enqueue(one);
            if (_tail.Count > TailLimit)
            {
                _tail.Dequeue();
                _dropped = true;
            }
        }
    }
}
