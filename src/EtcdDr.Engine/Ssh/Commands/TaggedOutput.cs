using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>
/// Takes a run's standard output. Every script begins with a line of its tag; what comes before it was written by the login shell (an
/// <c>echo</c> in <c>.bashrc</c>) and is no part of any archive, key or path. What comes after it goes on as it is.
/// </summary>
internal sealed class TaggedOutput : WriteOnlyStream
{
    private const int ForewordLimit = 1024;

    private readonly Stream _output;
    private readonly byte[] _mark;
    private readonly StringBuilder _foreword = new();
    private byte[] _pending = [];
    private volatile bool _begun;

    /// <summary>Wraps what takes the script's own output.</summary>
    public TaggedOutput(Stream output, string tag)
    {
        _output = output;
        _mark = Encoding.ASCII.GetBytes(tag + "\n");
    }

    /// <summary>Whether the script has begun.</summary>
    public bool Begun => _begun;

    /// <summary>The beginning of what was written before the script began.</summary>
    public string Foreword => (_begun ? _foreword.ToString() : _foreword + Encoding.UTF8.GetString(_pending)).Trim();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_begun)
        {
            _output.Write(buffer);
            return;
        }

        byte[] seen = [.. _pending, .. buffer];
        var at = seen.AsSpan().IndexOf(_mark);
        if (at < 0)
        {
            // The mark may have come in part.
            var kept = Math.Min(seen.Length, _mark.Length - 1);
            Keep(seen.AsSpan(..^kept));
            _pending = seen[^kept..];
            return;
        }

        Keep(seen.AsSpan(..at));
        _pending = [];
        _begun = true;
        _output.Write(seen.AsSpan(at + _mark.Length));

        // The first of the script's own output may be a key.
        CryptographicOperations.ZeroMemory(seen);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _output.Dispose();

        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> bytes) =>
        _foreword.Append(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, Math.Max(0, ForewordLimit - _foreword.Length))]));
}
