namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Reads parts of a <see cref="PageSource"/>; for one thread. What it returns is valid until the next call.</summary>
internal abstract class PageReader
{
    /// <summary>The bytes at an offset. The range must lie inside the source.</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="length">How many.</param>
    /// <param name="ahead">How many will be wanted from this offset on, at least <paramref name="length"/>; a hint.</param>
    internal abstract ReadOnlySpan<byte> Read(long offset, int length, int ahead);
}
