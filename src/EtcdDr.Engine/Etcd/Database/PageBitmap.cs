namespace EtcdDr.Engine.Etcd.Database;

/// <summary>A bit for each page; safe for several threads. One bit for each page of a file that exists is a 32,768th of its size.</summary>
internal sealed class PageBitmap(long pages)
{
    private readonly ulong[] _words = new ulong[(pages + 63) / 64];
    private long _count;

    /// <summary>How many bits are set.</summary>
    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Sets the bits of a run of pages; false if one was set already.</summary>
    internal bool TryAdd(ulong first, ulong length)
    {
        for (var page = first; page < first + length; page++)
        {
            var bit = 1UL << (int)(page & 63);
            if ((Interlocked.Or(ref _words[page >> 6], bit) & bit) != 0)
            {
                return false;
            }
        }

        Interlocked.Add(ref _count, (long)length);
        return true;
    }

    /// <summary>Whether a page's bit is set.</summary>
    internal bool Contains(ulong page) => (_words[page >> 6] >> (int)(page & 63) & 1) != 0;
}
