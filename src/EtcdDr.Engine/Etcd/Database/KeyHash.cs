using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// 96 bits that stand for a key in tables, so that a table's size does not depend on the keys' length. Seeded anew in each process: a
/// hostile database cannot be built to collide. With a million keys the chance that two share their bits by accident is below 1 in 10^17.
/// </summary>
internal readonly record struct KeyHash(ulong High, uint Low)
{
    private static readonly ulong Seed0 = NewSeed();
    private static readonly ulong Seed1 = NewSeed();
    private static readonly ulong Seed2 = NewSeed();
    private static readonly ulong Seed3 = NewSeed();

    internal static KeyHash Of(ReadOnlySpan<byte> key)
    {
        var a = Seed0 ^ (ulong)key.Length;
        var b = Seed1;
        while (key.Length >= 16)
        {
            Mix(ref a, ref b, BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
            key = key[16..];
        }

        if (key.Length > 0)
        {
            Span<byte> rest = stackalloc byte[16];
            rest.Clear();
            key.CopyTo(rest);
            Mix(ref a, ref b, BinaryPrimitives.ReadUInt64LittleEndian(rest), BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
        }

        Mix(ref a, ref b, Seed2, Seed3);
        return new KeyHash(a, (uint)(b >> 32));
    }

    // Two independent lanes of multiply-and-fold, so that a collision needs both to collide.
    private static void Mix(ref ulong a, ref ulong b, ulong low, ulong high)
    {
        a = Fold(low ^ Seed2 ^ a, high ^ Seed0 ^ ulong.RotateLeft(a, 32));
        b = Fold(high ^ Seed3 ^ b, low ^ Seed1 ^ ulong.RotateLeft(b, 32));
    }

    private static ulong Fold(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out var low);
        return high ^ low ^ ulong.RotateLeft(x, 17);
    }

    private static ulong NewSeed() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;
}
