using System.Runtime.InteropServices;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Another umask for a while. It is the process's, so tests that use it must only look at modes that do not follow it.</summary>
internal sealed partial class Umask : IDisposable
{
    private readonly int _before;

    public Umask(int mask) => _before = Set(mask);

    public void Dispose() => _ = Set(_before);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial int Set(int mask);
}
