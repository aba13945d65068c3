namespace EtcdDr.Engine.Etcd.Database;

/// <summary>
/// Walks the fields of a protobuf message without allocating. After <see cref="TryNext"/> gave false, <see cref="Malformed"/> tells the end
/// of the message from bytes that are no message.
/// </summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field.</summary>
    internal int Field { get; private set; }

    /// <summary>0 varint, 1 fixed 64 bits, 2 length-delimited, 5 fixed 32 bits.</summary>
    internal int WireType { get; private set; }

    /// <summary>The value of a varint or fixed field.</summary>
    internal ulong Number { get; private set; }

    /// <summary>The content of a length-delimited field.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether the bytes are not a protobuf message.</summary>
    internal bool Malformed { get; private set; }

    /// <summary>Goes to the next field.</summary>
    internal bool TryNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (!TryVarint(out var tag) || tag >> 3 is 0 or > 0x1FFFFFFF)
        {
            return Fail();
        }

        Field = (int)(tag >> 3);
        WireType = (int)(tag & 7);
        Bytes = default;
        switch (WireType)
        {
            case 0:
                if (!TryVarint(out var number))
                {
                    return Fail();
                }

                Number = number;
                return true;
            case 1:
                return TryFixed(8);
            case 2:
                if (!TryVarint(out var length) || length > (ulong)_rest.Length)
                {
                    return Fail();
                }

                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case 5:
                return TryFixed(4);
            default:
                return Fail();
        }
    }

    private bool TryFixed(int length)
    {
        if (_rest.Length < length)
        {
            return Fail();
        }

        Number =
            length == 8
                ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(_rest)
                : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        _rest = _rest[length..];
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < _rest.Length; i++)
        {
            var one = _rest[i];
            value |= (ulong)(one & 0x7F) << (7 * i);
            if (one < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return i < 9 || one <= 1;
            }
        }

        return false;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
