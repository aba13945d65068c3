using System.Text;

namespace EtcdDr.Tests.Fakes;

/// <summary>Protobuf messages by hand, as an apiserver writes them into etcd.</summary>
internal static class ProtoBytes
{
    /// <summary>A field of text.</summary>
    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    /// <summary>A field of bytes or a message.</summary>
    public static byte[] Field(int number, params byte[][] content)
    {
        var bytes = content.SelectMany(c => c).ToArray();
        return [.. Varint((ulong)((number << 3) | 2)), .. Varint((ulong)bytes.Length), .. bytes];
    }

    /// <summary>A field that is a number or a flag.</summary>
    public static byte[] Number(int number, ulong value) => [.. Varint((ulong)(number << 3)), .. Varint(value)];

    /// <summary>An entry of a map.</summary>
    public static byte[] Entry(int number, string key, byte[] value) => Field(number, Field(1, key), Field(2, value));

    /// <summary>An entry of a map of texts.</summary>
    public static byte[] Entry(int number, string key, string value) => Entry(number, key, Encoding.UTF8.GetBytes(value));

    /// <summary>A value of etcd: magic bytes, then runtime.Unknown with the object in it.</summary>
    public static byte[] Stored(string apiVersion, string kind, params byte[][] fields) =>
        [
            .. "k8s\0"u8,
            .. Field(1, Field(1, apiVersion), Field(2, kind)),
            .. Field(2, fields),
            .. Field(3, string.Empty),
            .. Field(4, string.Empty),
        ];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
