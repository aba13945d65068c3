using System.Runtime.InteropServices;

namespace EtcdDr.Engine.Snapshots;

/// <summary>Files and directories that only their owner can read, and that are on disk when they are said to be.</summary>
internal static partial class PosixFiles
{
    /// <summary>Mode 0700.</summary>
    public const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Mode 0600.</summary>
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // errno EEXIST, the same on Linux and macOS.
    private const int FileExists = 17;

    /// <summary>Makes one directory with mode 0700. Its parent exists.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // mkdir masks the mode by the umask, so the directory is never wider than 0700; the second call undoes a umask that took away even
        // more.
        Directory.CreateDirectory(path, DirectoryMode);
        File.SetUnixFileMode(path, DirectoryMode);
    }

    /// <summary>Makes one directory with mode 0700 unless the name is taken, in one step. Its parent exists.</summary>
    /// <returns>Whether it was made.</returns>
    public static bool TryCreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var taken = Path.Exists(path);
            Directory.CreateDirectory(path);
            return !taken;
        }

        if (MakeDirectory(path, (uint)DirectoryMode) == 0)
        {
            File.SetUnixFileMode(path, DirectoryMode);
            return true;
        }

        if (Marshal.GetLastPInvokeError() == FileExists)
        {
            return false;
        }

        // The same once more through .NET, for the right exception.
        CreateDirectory(path);
        return true;
    }

    /// <summary>Opens a file for writing; it has mode 0600 before the first byte is written.</summary>
    public static FileStream OpenWrite(string path, System.IO.FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = FileMode;
        var file = new FileStream(path, options);
        try
        {
            File.SetUnixFileMode(file.SafeFileHandle, FileMode);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes renames and new names in a directory last through a power cut.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            return;
        }

        // Some network file systems refuse to sync a directory (EINVAL); the files themselves are synced, so that is no failure.
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
