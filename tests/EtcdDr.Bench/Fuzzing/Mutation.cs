using System.Buffers.Binary;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>Ways to break a file. The same random numbers give the same input.</summary>
public static class Mutation
{
    private static readonly ulong[] Limits =
    [
        0,
        1,
        2,
        15,
        16,
        17,
        255,
        4095,
        4096,
        0x7FFF,
        0x8000,
        0xFFFE,
        0xFFFF,
        0x10000,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFF0,
        0xFFFFFFFF,
        ulong.MaxValue,
    ];

    /// <summary>A mutated copy of a file.</summary>
    /// <param name="original">The file.</param>
    /// <param name="random">Where the choices come from.</param>
    /// <param name="unit">Size of the pages or chunks that it is made of.</param>
    public static byte[] Apply(byte[] original, Random random, int unit)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(random);
        var bytes = (byte[])original.Clone();
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            bytes = One(bytes, random, unit);
        }

        return bytes;
    }

    private static byte[] One(byte[] bytes, Random random, int unit)
    {
        if (bytes.Length < 64)
        {
            return bytes;
        }

        switch (random.Next(10))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return bytes[..(random.Next(1 + (bytes.Length / 512)) * 512)];
            case 2:
                SwapUnits(bytes, random, unit);
                return bytes;
            case 3:
                var from = random.Next(bytes.Length);
                random.NextBytes(bytes.AsSpan(from, Math.Min(random.Next(1, 64), bytes.Length - from)));
                return bytes;
            case 4 or 5 or 6:
                SetLimit(bytes, random, unit);
                return bytes;
            case 7:
                return [.. bytes, .. new byte[random.Next(1, 600)]];
            default:
                for (var bits = 1 + random.Next(8); bits > 0; bits--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
        }
    }

    private static void SwapUnits(byte[] bytes, Random random, int unit)
    {
        var count = bytes.Length / unit;
        if (count < 2)
        {
            return;
        }

        var (a, b) = (random.Next(count) * unit, random.Next(count) * unit);
        var kept = bytes.AsSpan(a, unit).ToArray();
        bytes.AsSpan(b, unit).CopyTo(bytes.AsSpan(a));
        if (random.Next(4) > 0)
        {
            // Otherwise the same unit stands there twice.
            kept.CopyTo(bytes.AsSpan(b));
        }
    }

    // Most fields that matter stand at the beginning of a unit: headers and the elements behind them.
    private static void SetLimit(byte[] bytes, Random random, int unit)
    {
        var width = (int[])[2, 4, 4, 8];
        var size = width[random.Next(width.Length)];
        var at = (random.Next(bytes.Length / Math.Min(unit, bytes.Length)) * unit) + (random.Next(random.Next(2) == 0 ? 32 : 1024) & ~1);
        if (at + size > bytes.Length)
        {
            return;
        }

        var value = random.Next(3) == 0 ? (ulong)random.Next(64) : Limits[random.Next(Limits.Length)];
        var target = bytes.AsSpan(at, size);
        switch (size)
        {
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(target, value);
                break;
        }
    }
}
