using System.Security.Cryptography;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What is written to a file of a snapshot: it is summed as it passes, and of a database that will be read back from elsewhere the
/// beginning is kept. The file itself stays open when this is disposed.</summary>
/// <param name="file">The file.</param>
/// <param name="hashing">Whether to hash; false where the source tells the hash.</param>
/// <param name="beginning">Takes the first blocks; null where nobody will want them.</param>
internal sealed class WrittenStream(DraftStream file, bool hashing, DatabaseBeginning? beginning = null) : DraftStream
{
    private readonly IncrementalHash? _hash = hashing ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    /// <inheritdoc/>
    public override long Length => file.Length;

    /// <summary>SHA-256 of what was written, lower-case hexadecimal; null if it was not hashed.</summary>
    public string? Sha256 { get; private set; }

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await file.FinishAsync(cancellationToken);
        Sha256 = _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Note(buffer);
        file.Write(buffer);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Note(buffer.Span);
        await file.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> buffer)
    {
        _hash?.AppendData(buffer);
        beginning?.Append(buffer);
    }
}
