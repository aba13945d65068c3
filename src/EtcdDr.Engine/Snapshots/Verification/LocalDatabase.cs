using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Database;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>
/// A snapshot's database where the reader can reach any byte of it: the file itself on this machine, or a copy of one that an SSH host
/// holds. The copy has mode 0600 and no name (on Unix it is unlinked as soon as it is open), so that nothing of it stays whatever happens.
/// </summary>
internal sealed class LocalDatabase : IDisposable
{
    private const int SumWindow = 1 << 20;

    private readonly SnapshotReader _reader;
    private readonly string? _path;
    private readonly FileStream? _copy;
    private FileStream? _plain;

    private LocalDatabase(SnapshotReader reader, string? path, FileStream? copy, string name)
    {
        _reader = reader;
        _path = path;
        _copy = copy;
        Name = name;
    }

    /// <summary>The name for messages.</summary>
    internal string Name { get; }

    /// <summary>
    /// A path by which another program of this account can read it while this object lives. Of a sealed database that is a plain copy
    /// without a name; what a program of etcd's makes of it is plain too.
    /// </summary>
    internal string PathForTools => _reader.IsSealed ? PathOf(_plain ??= Unsealed()) : _path ?? PathOf(_copy!);

    /// <summary>Gets at a snapshot's database.</summary>
    internal static async Task<LocalDatabase> OpenAsync(
        SnapshotReader reader,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        await reader.UnlockAsync(cancellationToken);
        var name = SnapshotRecognizer.PlaceOf(reader.Store, reader.DatabasePath);
        var stored = reader.StoredPath(reader.DatabasePath);
        if (reader.Store.LocalPath(stored) is { } path)
        {
            return new LocalDatabase(reader, path, null, name);
        }

        var copy = CreateNameless();
        try
        {
            // A sealed one stays sealed in its copy.
            await using var source = await reader.Store.OpenReadAsync(stored, 0, cancellationToken);
            var offset = 0L;
            await StreamPump.RunAsync(
                source,
                async (bytes, ct) =>
                {
                    await RandomAccess.WriteAsync(copy.SafeFileHandle, bytes, offset, ct);
                    offset += bytes.Length;
                    progress?.Report(bytes.Length);
                },
                cancellationToken
            );
            return new LocalDatabase(reader, null, copy, name);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>A source for the reader; the caller disposes it.</summary>
    internal PageSource OpenSource() =>
        _reader.Plain(_reader.DatabasePath, _path is not null ? FileSource.Open(_path) : FileSource.Of(Name, _copy!));

    /// <summary>Plain bytes in it.</summary>
    internal long Length
    {
        get
        {
            using var source = OpenSource();
            return source.Length;
        }
    }

    /// <summary>Its plain content as a stream; of a sealed database each chunk is opened as it is read.</summary>
    internal Stream OpenStream() => new PageSourceStream(OpenSource());

    /// <summary>SHA-256 of the whole file, and of all but its last 32 bytes together with those.</summary>
    internal DatabaseSums Sum(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var source = OpenSource();
        var content = source.CreateReader();
        var length = source.Length;
        var body = length % 512 == BoltFile.TrailerBytes ? length - BoltFile.TrailerBytes : -1;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[]? bodySum = null;
        byte[] trailer = [];
        for (var offset = 0L; offset < length; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            bodySum = offset == body ? sum.GetCurrentHash() : bodySum;
            var wanted = (int)Math.Min(SumWindow, (offset < body ? body : length) - offset);
            var read = content.Read(offset, wanted, wanted);
            trailer = offset >= body && body >= 0 ? [.. trailer, .. read] : trailer;
            sum.AppendData(read);
            offset += wanted;
            progress?.Report(wanted);
        }

        return new DatabaseSums(
            Convert.ToHexString(sum.GetHashAndReset()).ToLowerInvariant(),
            body < 0 ? null : trailer.AsSpan().SequenceEqual(bodySum)
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copy?.Dispose();
        _plain?.Dispose();
    }

    private static string PathOf(FileStream file) => $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}";

    private FileStream Unsealed()
    {
        var plain = CreateNameless();
        try
        {
            using var source = OpenSource();
            var content = source.CreateReader();
            for (var offset = 0L; offset < source.Length; )
            {
                var wanted = (int)Math.Min(SumWindow, source.Length - offset);
                RandomAccess.Write(plain.SafeFileHandle, content.Read(offset, wanted, wanted), offset);
                offset += wanted;
            }

            return plain;
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }

    internal static FileStream CreateNameless()
    {
        var path = Path.Combine(Path.GetTempPath(), $"etcddr-{Guid.NewGuid():N}.db");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
            return new FileStream(path, options);
        }

        options.UnixCreateMode = PosixFiles.FileMode;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }
}
