using System.Buffers;

namespace EtcdDr.Engine.Operations;

/// <summary>
/// Arrays for the pieces of large files on their way. The pool that all share keeps one array of each size for every thread that ever gave
/// one back, which is many megabytes where pieces are rented on one thread and given back on another; this one keeps no more than were in
/// use at once.
/// </summary>
internal static class LargeBuffers
{
    private const int LargestArray = 4 * 1024 * 1024;
    private const int KeptOfASize = 64;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(LargestArray, KeptOfASize);

    /// <summary>An array of at least so many bytes, with anything in it.</summary>
    public static byte[] Rent(int length) => Pool.Rent(length);

    /// <summary>Takes an array back.</summary>
    /// <param name="array">One that was rented here, which nobody uses any more.</param>
    /// <param name="clear">What is in it may be a secret and does not stay.</param>
    public static void Return(byte[] array, bool clear = false) => Pool.Return(array, clear);
}
