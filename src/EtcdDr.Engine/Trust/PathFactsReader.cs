using System.Runtime.InteropServices;

namespace EtcdDr.Engine.Trust;

/// <summary>Reads owners and modes along a path, on Linux and macOS. .NET gives modes and no owners.</summary>
internal static partial class PathFactsReader
{
    // As the kernel's own limit for links in one path.
    private const int MaximumLinks = 40;

    private const int CurrentDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int ForWriting = 2;
    private const int ReadOnlyFileSystem = 30;
    private const int FileType = 0xF000;
    private const int LinkType = 0xA000;
    private const int DirectoryType = 0x4000;

    /// <summary>The user that this process works as.</summary>
    public static uint CurrentUser => EffectiveUser();

    /// <summary>The file, and every directory and link on the way to it, from the root on; null if a part of it is not there.</summary>
    public static IReadOnlyList<PathFacts>? Read(string path)
    {
        var left = new Stack<string>();
        Push(left, Path.GetFullPath(path));
        var current = "/";
        var way = new List<PathFacts>();
        if (Facts(current) is not { } root)
        {
            return null;
        }

        way.Add(root);
        var links = 0;
        while (left.TryPop(out var name))
        {
            if (name == "..")
            {
                current = Path.GetDirectoryName(current) ?? "/";
                continue;
            }

            var next = Path.Combine(current, name);
            if (Facts(next) is not { } facts)
            {
                return null;
            }

            way.Add(facts);
            if (facts.Kind != PathKind.Link)
            {
                current = next;
                continue;
            }

            if (++links > MaximumLinks || new FileInfo(next).LinkTarget is not { Length: > 0 } target)
            {
                return null;
            }

            current = target[0] == '/' ? "/" : current;
            Push(left, target);
        }

        return way;
    }

    private static void Push(Stack<string> left, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != ".").Reverse())
        {
            left.Push(name);
        }
    }

    private static PathFacts? Facts(string path)
    {
        if (Status(path) is not var (owner, mode))
        {
            return null;
        }

        var kind = (mode & FileType) switch
        {
            LinkType => PathKind.Link,
            DirectoryType => PathKind.Directory,
            _ => PathKind.File,
        };
        var facts = new PathFacts(path, kind, owner, (UnixFileMode)(mode & 0xFFF));
        return facts.IsOpen ? facts with { ReadOnly = IsReadOnly(path) } : facts;
    }

    private static (uint Owner, int Mode)? Status(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        if (OperatingSystem.IsLinux())
        {
            // struct statx, linux/stat.h: the same on every architecture; user at 20, mode at 28.
            return LinuxStatus(CurrentDirectory, path, DoNotFollow, TypeModeAndOwner, buffer) == 0
                ? (MemoryMarshal.Read<uint>(buffer[20..]), MemoryMarshal.Read<ushort>(buffer[28..]))
                : null;
        }

        // struct stat of macOS with 64-bit inodes, sys/stat.h: mode at 4, user at 16.
        var failed = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? MacStatus(path, buffer) : MacIntelStatus(path, buffer);
        return failed == 0 ? (MemoryMarshal.Read<uint>(buffer[16..]), MemoryMarshal.Read<ushort>(buffer[4..])) : null;
    }

    private static bool IsReadOnly(string path) => Access(path, ForWriting) != 0 && Marshal.GetLastPInvokeError() == ReadOnlyFileSystem;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinuxStatus(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MacStatus(string path, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MacIntelStatus(string path, Span<byte> status);
}
