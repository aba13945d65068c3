using Microsoft.Win32.SafeHandles;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A database file, read in windows.</summary>
internal sealed class FileSource : PageSource
{
    private readonly SafeFileHandle _handle;

    private FileSource(string path, SafeFileHandle handle)
    {
        Name = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    internal override string Name { get; }

    internal override long Length { get; }

    /// <summary>Opens a file. Others may go on writing it or remove it; what they do to it shows as an error, not as a crash.</summary>
    internal static FileSource Open(string path)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new FileSource(path, handle);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DatabaseErrors.NotFound(path, failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw DatabaseErrors.Unreadable(path, failure);
        }
    }

    /// <summary>Reads a file that somebody has open; disposing the source leaves it open. Each source has its own place in it.</summary>
    internal static FileSource Of(string name, FileStream open) =>
        new(name, new SafeFileHandle(open.SafeFileHandle.DangerousGetHandle(), ownsHandle: false));

    internal override PageReader CreateReader() => new Reader(this);

    /// <inheritdoc/>
    public override void Dispose() => _handle.Dispose();

    private void ReadExactly(long offset, Span<byte> buffer)
    {
        try
        {
            for (var done = 0; done < buffer.Length; )
            {
                var read = RandomAccess.Read(_handle, buffer[done..], offset + done);
                if (read == 0)
                {
                    throw DatabaseErrors.Truncated(Name, Errors.DatabaseTruncated_WhileRead_Part.With(offset + done, Length));
                }

                done += read;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw DatabaseErrors.Unreadable(Name, failure);
        }
    }

    private sealed class Reader(FileSource source) : PageReader
    {
        private byte[] _window = [];
        private long _start;
        private int _length;

        internal override ReadOnlySpan<byte> Read(long offset, int length, int ahead)
        {
            if (offset < _start || offset + length > _start + _length)
            {
                Fill(offset, (int)Math.Min(Math.Max(length, ahead), source.Length - offset));
            }

            return _window.AsSpan((int)(offset - _start), length);
        }

        private void Fill(long offset, int length)
        {
            _length = 0;
            if (_window.Length < length)
            {
                _window = GC.AllocateUninitializedArray<byte>(Math.Max(length, TreeWalker.WindowBytes));
            }

            source.ReadExactly(offset, _window.AsSpan(0, length));
            _start = offset;
            _length = length;
        }
    }
}
