using System.Diagnostics;
using System.Globalization;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// The scratch directory of a drill on this machine: mode 0700, below the directory for temporary files, removed when disposed. Whoever
/// holds its lock is alive; a drill that was killed holds none, and the next one ends the process that it left and removes its directory.
/// </summary>
internal sealed class DrillDirectory : IDisposable
{
    private const string Prefix = "etcddr-drill-";
    private const string LockFile = "lock";
    private const string ProcessFile = "process";

    // A directory without its lock is in the making, or its maker was killed in that moment.
    private static readonly TimeSpan Making = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    // .NET computes a process's start from the boot time, with some error.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(5);

    private readonly FileStream _lock;

    private DrillDirectory(string path)
    {
        Path = path;
        _lock = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Its path.</summary>
    internal string Path { get; }

    /// <summary>Where data is restored to.</summary>
    internal string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>Removes what drills that were killed left behind, then makes one.</summary>
    internal static DrillDirectory Create(IOperationSink sink)
    {
        foreach (var directory in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            if (TryRemoveDead(directory))
            {
                sink.Verbose($"'{directory}', which a killed drill had left, was removed.");
            }
        }

        return new DrillDirectory(Directory.CreateTempSubdirectory(Prefix).FullName);
    }

    /// <summary>Starts a program of the drill; the next drill can find it if this one is killed.</summary>
    internal Process Start(string program, IEnumerable<string> arguments)
    {
        var process = Process.Start(DrillTools.Start(program, Path, arguments))!;
        try
        {
            File.WriteAllText(
                System.IO.Path.Combine(Path, ProcessFile),
                string.Create(CultureInfo.InvariantCulture, $"{process.Id} {process.StartTime.ToUniversalTime().Ticks}")
            );
        }
        catch (InvalidOperationException)
        {
            // It has ended already: there is nothing to find.
        }

        return process;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private static bool TryRemoveDead(string directory)
    {
        try
        {
            var mark = System.IO.Path.Combine(directory, LockFile);
            if (!File.Exists(mark))
            {
                return DateTime.UtcNow - Directory.GetLastWriteTimeUtc(directory) > Making && Remove(directory);
            }

            using var held = new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            EndProcessOf(directory);
            return Remove(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A drill that is alive, or one of another account.
            return false;
        }
    }

    private static bool Remove(string directory)
    {
        Directory.Delete(directory, recursive: true);
        return true;
    }

    private static void EndProcessOf(string directory)
    {
        var file = System.IO.Path.Combine(directory, ProcessFile);
        if (
            !File.Exists(file)
            || File.ReadAllText(file).Split(' ') is not [var id, var start]
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
        )
        {
            return;
        }

        try
        {
            using var left = Process.GetProcessById(process);
            if ((left.StartTime.ToUniversalTime() - new DateTime(ticks, DateTimeKind.Utc)).Duration() < StartTolerance)
            {
                left.Kill();
                left.WaitForExit(EndLimit);
            }
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException)
        {
            // It is gone.
            return;
        }
    }
}
