using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Database;
using Microsoft.Win32.SafeHandles;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>
/// A snapshot's database where the reader can reach any byte of it: the file itself on this machine, or a copy of one that an SSH host holds. The
/// copy has mode 0600 and no name (on Unix it is unlinked as soon as it is open), so that nothing of it stays whatever happens.
/// </summary>
internal sealed class LocalDatabase : IDisposable
{
    private readonly string? _path;
    private readonly FileStream? _copy;

    private LocalDatabase(string? path, FileStream? copy, string name)
    {
        _path = path;
        _copy = copy;
        Name = name;
    }

    /// <summary>The name for messages.</summary>
    internal string Name { get; }

    /// <summary>A path by which another program of this account can read it while this object lives.</summary>
    internal string PathForTools => _path ?? $"/proc/{Environment.ProcessId}/fd/{_copy!.SafeFileHandle.DangerousGetHandle()}";

    /// <summary>Gets at a snapshot's database.</summary>
    internal static async Task<LocalDatabase> OpenAsync(SnapshotReader reader, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var name = SnapshotRecognizer.PlaceOf(reader.Store, reader.DatabasePath);
        if (reader.Store is LocalSnapshotStore)
        {
            return new LocalDatabase(SnapshotRecognizer.FullPath(reader.Store, reader.DatabasePath), null, name);
        }

        var copy = CreateNameless();
        try
        {
            await using var source = await reader.OpenDatabaseAsync(cancellationToken);
            var offset = 0L;
            await StreamPump.RunAsync(
                source,
                async (bytes, ct) =>
                {
                    await RandomAccess.WriteAsync(copy.SafeFileHandle, bytes, offset, ct);
                    offset += bytes.Length;
                    progress?.Report(bytes.Length);
                },
                cancellationToken);
            return new LocalDatabase(null, copy, name);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>A source for the reader; the caller disposes it.</summary>
    internal PageSource OpenSource() => _path is not null ? FileSource.Open(_path) : FileSource.Of(Name, new SafeFileHandle(_copy!.SafeFileHandle.DangerousGetHandle(), ownsHandle: false));

    /// <summary>SHA-256 of the whole file, and of all but its last 32 bytes together with those.</summary>
    internal DatabaseSums Sum(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var opened = _path is not null ? OpenForSum(_path) : null;
        var handle = opened ?? _copy!.SafeFileHandle;
        var length = RandomAccess.GetLength(handle);
        var body = length % 512 == BoltFile.TrailerBytes ? length - BoltFile.TrailerBytes : -1;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
        byte[]? bodySum = null;
        byte[] trailer = [];
        for (var offset = 0L; offset < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bodySum = offset == body ? sum.GetCurrentHash() : bodySum;
            var wanted = (int)Math.Min(buffer.Length, (offset < body ? body : length) - offset);
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, wanted), offset);
            if (read == 0)
            {
                throw DatabaseErrors.Truncated(Name, $"it ended at byte {offset} while it was read");
            }

            trailer = offset >= body && body >= 0 ? [.. trailer, .. buffer.AsSpan(0, read)] : trailer;
            sum.AppendData(buffer, 0, read);
            offset += read;
            progress?.Report(read);
        }

        return new DatabaseSums(Convert.ToHexString(sum.GetHashAndReset()).ToLowerInvariant(), body < 0 ? null : trailer.AsSpan().SequenceEqual(bodySum));
    }

    /// <inheritdoc/>
    public void Dispose() => _copy?.Dispose();

    private static SafeFileHandle OpenForSum(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw DatabaseErrors.Unreadable(path, failure);
        }
    }

    private static FileStream CreateNameless()
    {
        var path = Path.Combine(Path.GetTempPath(), $"etcddr-{Guid.NewGuid():N}.db");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, BufferSize = 0 };
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
