using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// CRC-32C (Castagnoli), as etcd hashes its keyspace with. The processor's instruction is used where there is one (through
/// <see cref="BitOperations.Crc32C(uint, ulong)"/>); sums of neighbouring parts can be joined, so that parts are summed in parallel.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;

    // X2N[k] is x^(2^k) modulo the polynomial, bit-reflected; enough of them for the bits of any 64-bit number of bytes.
    private static readonly uint[] X2N = MakePowers();

    /// <summary>The sum of what <paramref name="crc"/> covers followed by <paramref name="data"/>; 0 is the sum of nothing.</summary>
    internal static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var one in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }

    /// <summary>The sum of A followed by B, from the sum of A, the sum of B and the length of B in bytes.</summary>
    internal static uint Combine(uint first, uint second, long secondLength) => Multiply(PowerOfX(secondLength), first) ^ second;

    // x^(8 * bytes) modulo the polynomial.
    private static uint PowerOfX(long bytes)
    {
        var product = 0x80000000u;
        for (var k = 3; bytes != 0; bytes >>= 1, k++)
        {
            if ((bytes & 1) != 0)
            {
                product = Multiply(X2N[k], product);
            }
        }

        return product;
    }

    private static uint Multiply(uint a, uint b)
    {
        var product = 0u;
        for (var mask = 0x80000000u; mask != 0; mask >>= 1)
        {
            product ^= (a & mask) != 0 ? b : 0;
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }

    private static uint[] MakePowers()
    {
        var powers = new uint[67];
        var power = 0x40000000u;
        for (var k = 0; k < powers.Length; k++)
        {
            powers[k] = power;
            power = Multiply(power, power);
        }

        return powers;
    }
}
