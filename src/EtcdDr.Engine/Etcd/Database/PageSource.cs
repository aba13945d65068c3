namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// The bytes of a database file. Files are read in windows with pread, never mapped: a file that is truncated or a disk that fails under a
/// mapping ends the process with SIGBUS, and mapped pages count towards its memory (see docs/decisions/0004).
/// </summary>
internal abstract class PageSource : IDisposable
{
    /// <summary>The name for messages.</summary>
    internal abstract string Name { get; }

    /// <summary>Length in bytes when it was opened.</summary>
    internal abstract long Length { get; }

    /// <summary>A reader for one thread.</summary>
    internal abstract PageReader CreateReader();

    /// <inheritdoc/>
    public abstract void Dispose();
}
